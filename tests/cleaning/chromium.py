"""A headless Chromium, driven through its DevTools protocol with one small websocket client."""

import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 60


def found():
    """Returns the path of a Chromium, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """A page of a running Chromium.

    `said` collects errors, refusals of the content security policy, and addresses that the page asked for.
    """

    def __init__(self, socket):
        self._socket, self._number, self._loads, self.said = socket, 0, 0, []

    def send(self, method, **parameters):
        """Returns the answer of the protocol to a command."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while (message := self._receive()).get("id") != self._number:
            pass
        assert "error" not in message, message["error"]
        return message["result"]

    def _receive(self):
        """Returns the next message, what it tells noted."""
        message = json.loads(self._socket.recv(timeout=SECONDS))
        kind = message.get("method")
        if kind == "Network.requestWillBeSent":
            self.said.append(("request", message["params"]["request"]["url"][:60]))
        elif kind in ("Runtime.exceptionThrown", "Log.entryAdded"):
            self.said.append((kind, json.dumps(message["params"])[:400]))
        self._loads += kind == "Page.loadEventFired"
        return message

    def run(self, script):
        """Returns the value of an expression in the page."""
        result = self.send("Runtime.evaluate", expression=script, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def open(self, path):
        """Loads a file, and returns when its scripts have run."""
        before = self._loads
        self.send("Page.navigate", url=Path(path).absolute().as_uri())
        while self._loads == before:
            self._receive()

    def click(self, selector, position=0):
        """Clicks in the middle of an element, as a mouse does."""
        box = f"document.querySelectorAll({json.dumps(selector)})[{position}]"
        self.run(f"{box}.scrollIntoView({{block: 'center'}})")
        x, y = self.run(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({box}.getBoundingClientRect())")
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key):
        """Presses a key."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key)

    def downloads_to(self, folder):
        """Lets files be downloaded into a folder."""
        self.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))

    def screenshot(self, path, width=1200, height=800, dark=False):
        """Writes a PNG of the page in a window of this size."""
        phone = width < 600
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])
        time.sleep(0.3)
        Path(path).write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))


@contextlib.contextmanager
def page(home):
    """Opens a page in a fresh Chromium with its profile in the folder `home`, and ends it afterwards."""
    from websockets.sync.client import connect

    profile = Path(home) / "profile"
    port_file = profile / "DevToolsActivePort"
    port_file.unlink(missing_ok=True)
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0")
    with tempfile.TemporaryFile() as log:
        command = [str(found()), *options, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            end = time.monotonic() + SECONDS
            while not (port_file.is_file() and len(port_file.read_text().split()) == 2):
                assert process.poll() is None and time.monotonic() < end, "Chromium does not start"
                time.sleep(0.05)
            port, path = port_file.read_text().split()
            with connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None) as browser:
                browser.send(json.dumps({"id": 1, "method": "Target.getTargets", "params": {}}))
                targets = json.loads(browser.recv(timeout=SECONDS))["result"]["targetInfos"]
            target = next(one["targetId"] for one in targets if one["type"] == "page")
            with connect(f"ws://127.0.0.1:{port}/devtools/page/{target}", max_size=None, proxy=None) as socket:
                opened = Page(socket)
                for domain in ("Page", "Runtime", "Log", "Network"):
                    opened.send(f"{domain}.enable")
                yield opened
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
