"""Pages of the site that are made from the code and from files outside docs/."""

import shutil
from pathlib import Path

from docs.generate import api, elsewhere, settings

MAKERS = (elsewhere.pages, settings.pages, api.pages)


def write_pages(folder: Path) -> None:
    """Writes all pages into an empty folder, which is `docs/_made` of the site."""
    shutil.rmtree(folder, ignore_errors=True)
    for maker in MAKERS:
        for name, text in maker().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text if text.endswith("\n") else text + "\n", "utf-8")
