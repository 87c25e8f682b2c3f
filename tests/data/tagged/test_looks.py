"""Which files are taken for tokens and tags."""

from meta_noise.data.tagged import looks_tagged
from tests import tagged


def test_endings_and_forms(tmp_path):
    found = tagged.sentences(20)
    for name, sign in (("a.tsv", "\t"), ("b.txt", " "), ("c.conll", "\t")):
        assert looks_tagged(tagged.write(tmp_path / name, found, sign))
        assert looks_tagged(str(tmp_path / name))
    assert not looks_tagged(tagged.write(tmp_path / "d.csv", found))
    for name, encoding, end in (("e.txt", "utf-16", "\r\n"), ("f.tsv", "utf-8", "\r")):
        path = tagged.write(tmp_path / name, found, end=end)
        path.write_bytes(path.read_bytes().decode().encode(encoding))
        assert looks_tagged(path)


def test_tables_and_texts_are_none(tmp_path):
    rows = "".join(f"text number {n}\t{'ab'[n % 2]}\n{chr(10) * (n % 5 == 4)}" for n in range(60))
    (tmp_path / "a.tsv").write_text("text\tlabel\n" + rows)  # a header, which is no tag
    (tmp_path / "b.tsv").write_text(rows.replace("\n\n", "\n"))  # no blank line
    (tmp_path / "c.txt").write_text("Some words here.\n\nAnd some more of them\n\n" * 20)
    (tmp_path / "d.txt").write_bytes(b"\x00\x01")
    assert not any(looks_tagged(path) for path in tmp_path.iterdir())
    assert not looks_tagged(tmp_path) and not looks_tagged({"text": ["a"]}) and not looks_tagged(tmp_path / "e.conll")
