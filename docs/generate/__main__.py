"""Writes the tables between their marks in README.md and in the pages of docs/.

python -m docs.generate            # the tables
python -m docs.generate FOLDER     # the pages that are made from the code as well, into FOLDER
"""

import sys
from pathlib import Path

from docs.generate.marks import ROOT, marked_pages, renewed
from docs.generate.pages import write_pages
from docs.generate.tables import TABLES


def main() -> None:
    """Writes what has changed."""
    for path in marked_pages():
        text = path.read_text("utf-8")
        new = renewed(text, TABLES)
        if new != text:
            path.write_text(new, "utf-8")
            print(path.relative_to(ROOT))
    for folder in sys.argv[1:2]:
        write_pages(Path(folder))


if __name__ == "__main__":
    main()
