"""Data and scripts inside a page, such that nothing of the user's is run."""

import base64
import hashlib
import json
from typing import Any


def script_digest(text: str) -> str:
    """Returns the source of a script or style as a content security policy names it, `sha256-...`."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def embedded(value: Any) -> str:
    """Returns JSON that cannot end the element it stands in."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
