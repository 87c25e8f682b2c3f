"""Pieces of HTML for a notebook, from templates; all that comes from the user is escaped."""

import re
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from meta_noise.visible import visible


def rendered(template: str, **values: Any) -> str:
    """Returns the template of this folder, filled; its filter `visible` writes hidden characters as escapes, its filter
    `whole` keeps options such as --trusted in one line."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"visible": visible, "whole": _whole}
    return environment.get_template(template).render(**values)


def _whole(text: str) -> Markup:
    return Markup(re.sub(r"--[\w-]+", r'<span class="whole">\g<0></span>', str(escape(text))))
