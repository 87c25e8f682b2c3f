"""Settings of Sphinx. `make docs` builds the site into build/docs, without a network; a warning is an error."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.generate.elsewhere import DOCS, on_site  # noqa: E402
from docs.generate.marks import MADE  # noqa: E402
from docs.generate.pages import write_pages  # noqa: E402
from meta_noise.version import __version__  # noqa: E402

project = "meta_noise"
author = "The meta_noise authors"
copyright = author
release = version = __version__
extensions = ["myst_parser", "sphinx_copybutton", "sphinx_design", "sphinx-mathjax-offline"]
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 4
exclude_patterns = ["_build"]
suppress_warnings = ["myst.header"]  # pages of results begin their sections as they like
html_theme = "furo"
html_title = "meta_noise"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
pygments_style, pygments_dark_style = "friendly", "native"


def setup(app):
    """Makes the pages that come from the code, and turns links that leave docs/ to the site's."""

    def read(app, name, source):
        page = DOCS / f"{name}.md"
        if MADE not in page.parents:
            source[0] = on_site(source[0], page.parent, page)

    write_pages(MADE)
    app.connect("source-read", read)
