"""Characters that nobody sees, made visible: control characters, and those that turn the direction of reading.

An identifier or a class name may hold them by accident or on purpose: behind U+202E a name reads backwards, and U+200B
makes two names look the same. Letters of every script, combining marks, and the two joiners that Persian, Hindi and
emoji need (U+200C, U+200D) are left as they are.
"""

import re

HIDDEN = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # controls, tabs and ends of lines among them
    "\xad\u034f\u180e\u200b\u2060-\u2064\ufeff"  # without any width
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # direction of reading
    "\u2028\u2029\ufff9-\ufffb"  # separators and annotations
    "\ud800-\udfff\U000e0000-\U000e007f"  # half characters, tags
    "]"
)
SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def visible(text: str) -> str:
    r"""Returns the text with every hidden character as an escape, `\u202e` for example; other text is untouched."""
    return HIDDEN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return SHORT.get(character) or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def counted(count: int, name: str) -> str:
    """Returns a number of things, such as "1 row" and "2,000 rows"; names whose plural is not formed by an s won't do.

    >>> from meta_noise.visible import counted
    >>> counted(1, "row"), counted(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{count:,} {name}{'s' * (count != 1)}"
