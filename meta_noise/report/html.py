"""Pieces of HTML for a notebook, from templates; all that comes from the user is escaped."""

from pathlib import Path
from typing import Any

import jinja2

from meta_noise.visible import visible


def rendered(template: str, **values: Any) -> str:
    """Returns the template of this folder, filled; its filter `visible` writes hidden characters as escapes."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["visible"] = visible
    return environment.get_template(template).render(**values)
