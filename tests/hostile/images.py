"""Folders of image files: damaged, enormous, misnamed, linked, or no images at all."""

import io
import os
import struct
import zlib

import numpy as np
from PIL import Image

from tests.hostile.case import Case, Place


def image(form: str = "PNG", size: tuple[int, int] = (8, 8), mode: str = "L", seed: int = 0, **settings) -> bytes:
    file = io.BytesIO()
    channels = {"L": (), "1": (), "RGB": (3,), "RGBA": (4,), "LA": (2,), "CMYK": (4,), "P": ()}[mode]
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], *channels), np.uint8)
    made = Image.fromarray(pixels, mode if mode not in ("1", "P") else "L").convert(mode)
    made.save(file, form, **settings)
    return file.getvalue()


def _png(width: int, height: int) -> bytes:
    """Returns a PNG that says it has so many pixels, and has none."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")
    packed = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + packed


PNG, JPEG = image(), image("JPEG")
BROKEN = {
    "empty.png": b"",
    "text.png": b"hello",
    "random.png": np.random.default_rng(0).bytes(500),
    "cut.png": PNG[: len(PNG) // 2],
    "cut.jpg": JPEG[: len(JPEG) // 3],
    "only magic.png": PNG[:8],
    "only magic.jpg": JPEG[:3],
    "bomb.png": _png(60_000, 60_000),
    "long.png": _png(2**31 - 1, 1),
    "no side.png": _png(0, 8),
    "html.jpg": b"<html><script>alert(1)</script></html>",
    "vector.png": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "postscript.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n(/tmp/PWNED) (w) file closefile\n",
    "postscript.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\nshowpage\n",
    "a pickle.png": b"\x80\x04K\x01.",
    "gif header.gif": b"GIF89a",
    "tiff circle.tif": b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
    "webp.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    "bmp.bmp": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 10**9, 0, 0, 54, 40, 10**6, 10**6, 1, 24, 0, 0, 0, 0, 0, 0),
    "ppm.ppm": b"P6 99999 99999 255\n",
}
SOUND = {
    "rgb.png": image(mode="RGB"),
    "transparent.png": image(mode="RGBA"),
    "palette.png": image(mode="P"),
    "one bit.png": image(mode="1"),
    "cmyk.jpg": image("JPEG", mode="CMYK"),
    "larger.png": image(size=(31, 17)),
    "one pixel.png": image(size=(1, 1)),
    "gif.gif": image("GIF", mode="P"),
    "bmp.bmp": image("BMP"),
    "tiff.tif": image("TIFF"),
    "webp.webp": image("WEBP", mode="RGB"),
    "a jpeg called png.png": JPEG,
    "escape\x1b[2J.png": image(seed=9),
    "[bold]:dog:.png": image(seed=8),
    "\u202egnp.exe.png": image(seed=7),
    'with, comma".png': image(seed=6),
    "with\nan end.png": image(seed=5),
}


def folder(place: Place, name: str = "photos"):
    """Returns a folder of sixteen sound images in two classes."""
    for number in range(16):
        place.file(f"{name}/{('cat', 'dog')[number % 2]}/{number}.png", image(seed=number))
    return place.here / name


def _with(name, content, command):
    def words(place: Place):
        root = folder(place)
        place.file(f"photos/cat/{name}", content)
        return [*command, root] if command[0] == "inspect" else ["clean", root, "--out", place.here / "new"]

    return words


def _folder(make, *command):
    def words(place: Place):
        return [*(command or ("clean",)), make(place), *(() if command else ("--out", place.here / "new"))]

    return words


def _made(names, content=PNG):
    def make(place: Place):
        for name in names:
            place.file(f"photos/{name}", content)
        return place.here / "photos"

    return make


def _link(target, name):
    def make(place: Place):
        root = folder(place)
        place.file("secret/0.png", image(seed=99))
        os.symlink(str(target).format(here=place.here), root / name)
        return root

    return make


def _no_text(name: bytes):
    def make(place: Place):
        root = folder(place)
        with open(os.fsencode(root) + b"/" + name, "wb") as file:
            file.write(image(seed=50))
        return root

    return make


def _csv(path):
    def words(place: Place):
        folder(place)
        lines = "".join(f"photos/{('cat', 'dog')[n % 2]}/{n}.png,{'xy'[n % 2]}\n" for n in range(16))
        place.file("secret.png", PNG)
        table = place.file("in/../rows.csv", f"image,label\n{lines}{path},x\n")
        return ["clean", table, "--out", place.here / "new"]

    return words


def _looked_at(place: Place):
    root = folder(place)
    for name, content in BROKEN.items():
        place.file(f"photos/cat/{name}", content)
    return ["inspect", root, "--no-cost"]


LEAVING = (
    "../secret.png",
    "/etc/passwd",
    "photos/../../x.png",
    "photos",
    ".",
    "a\0b",
    "x" * 5000,
    "file:///etc/passwd",
)
CASES = [
    *(Case(f"broken: {name}", _with(name, content, ("clean",))) for name, content in BROKEN.items()),
    Case("all broken ones are looked at", _looked_at, 0, "Unusable"),
    *(Case(f"sound: {name!a}", _with(name, content, ("inspect", "--no-cost")), 0) for name, content in SOUND.items()),
    *(Case(f"path {path[:30]!a}", _csv(path)) for path in LEAVING),
    Case("no image", _folder(_made(["cat/x.txt", "dog/y.txt"], b"x"))),
    Case("one class", _folder(_made([f"cat/{n}.png" for n in range(9)]))),
    Case("no folders", _folder(_made([f"{n}.png" for n in range(9)]))),
    Case("empty class", _folder(_made(["cat/0.png", "dog/x.txt"]))),
    Case("hidden ones", _folder(_made([f".cat/{n}.png" for n in range(9)]))),
    Case("all alike", _folder(_made([f"{'ab'[n % 2]}/{n}.png" for n in range(22)]), "inspect", "--no-cost"), 0),
    Case("a link out of it", _folder(_link("{here}/secret", "wolf"), "inspect", "--no-cost"), 0),
    Case("a link to an image", _folder(_link("{here}/secret/0.png", "cat/link.png"))),
    Case("a link to nowhere", _folder(_link("{here}/nowhere", "cat/link.png"))),
    Case("a link in a circle", _folder(_link("{here}/photos", "cat/again"), "inspect", "--no-cost"), 0),
    Case(
        "a pipe as an image", _folder(lambda place: (os.mkfifo(folder(place) / "cat/p.png"), place.here / "photos")[1])
    ),
    Case(
        "a folder as an image",
        _folder(
            lambda place: ((folder(place) / "cat/p.png").mkdir(), place.here / "photos")[1], "inspect", "--no-cost"
        ),
        0,
    ),
    Case("a name that is no text", _folder(_no_text(b"cat/\xff\xfe.png")), says="UTF-8"),
    Case(
        "a class that is no text",
        _folder(
            lambda p: (
                os.rename(os.fsencode(folder(p) / "cat"), os.fsencode(p.here) + b"/photos/c\xff"),
                p.here / "photos",
            )[1]
        ),
        says="UTF-8",
    ),
]
