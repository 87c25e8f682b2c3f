"""Tables of README.md and docs/ are what their results give, and links of all pages lead somewhere."""

import re

import pytest

from docs.generate import elsewhere
from docs.generate.marks import MADE, ROOT, marked_pages, renewed
from docs.generate.pages import MAKERS
from docs.generate.tables import TABLES

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCES = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
OTHERS = [ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("experiments/*/README.md"))]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def made():
    """The pages that are made for the site, as they would lie in docs/_made."""
    return {MADE / name: text for maker in MAKERS for name, text in maker().items()}


@pytest.mark.parametrize("path", marked_pages(), ids=name_of)
def test_tables_are_what_results_give(path):
    text = path.read_text("utf-8")
    assert renewed(text, TABLES) == text, "write them by python -m docs.generate"


def test_every_page_is_in_a_table_of_contents():
    listed = set()
    for page in (ROOT / "docs").rglob("*.md"):
        for block in re.findall(r"^```\{toctree\}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
            listed |= {page.parent / f"{line}.md" for line in block.splitlines() if line and not line.startswith(":")}
    assert [name_of(page) for page in marked_pages()[1:] if page not in listed | {ROOT / "docs/index.md"}] == []


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 130


def slug(heading):
    """Returns the anchor of a heading, as GitHub and MyST make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def anchors(text):
    return {slug(line.lstrip("#")) for line in FENCES.sub("", text).splitlines() if re.match(r"#{1,4} ", line)}


def broken(page, text, made):
    """Returns the links of a page that lead nowhere."""
    found = []
    for link in LINK.findall(FENCES.sub("", text)):
        path, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = (page.parent / path).resolve() if path else page
        if target.is_dir() and (target / "README.md").is_file():
            target = target / "README.md"
        content = made.get(target) or (target.read_text("utf-8") if target.suffix == ".md" and target.is_file() else "")
        if not (content or target.exists()) or (anchor and anchor not in anchors(content)):
            found.append(link)
    return found


@pytest.mark.parametrize("path", [*marked_pages(), *OTHERS], ids=name_of)
def test_links_lead_somewhere(path, made):
    assert broken(path, path.read_text("utf-8"), made) == []


def test_links_of_made_pages_lead_somewhere(made):
    assert len(made) > 20
    assert {page.name: found for page, text in made.items() if (found := broken(page, text, made))} == {}


def test_a_broken_link_is_found(made):
    page = ROOT / "docs" / "start.md"
    text = "[a](no_such.md) [b](own_data.md#no-such-heading) [c](own_data.md#data-to-follow-along)"
    assert broken(page, text, made) == ["no_such.md", "own_data.md#no-such-heading"]


def test_links_that_leave_docs_are_turned_to_pages_of_the_site():
    text = elsewhere.on_site("[x](../experiments/digits) [y](../README.md)", ROOT / "docs", ROOT / "docs" / "a.md")
    assert text == "[x](_made/experiments/digits.md) [y](index.md)"
