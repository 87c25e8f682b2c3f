"""`meta-noise inspect` and `clean` on files of tokens and tags."""

import json
from pathlib import Path

import pytest

from meta_noise.cli.run import run
from tests import tagged


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    noisy, _ = tagged.with_wrong(tagged.sentences())
    return tagged.write(tmp_path_factory.mktemp("tags") / "given.tsv", noisy, end="\r\n")


def test_clean_leaves_the_file_alone_and_writes_a_corrected_one(given, tmp_path, capsys):
    before, out = given.read_bytes(), tmp_path / "out"
    command = ["clean", str(given), "--out", str(out)]
    assert run(command) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "80 sentences, 4 tags" in said and "tags look wrong" in said and "No network is trained for tags" in said
    assert given.read_bytes() == before != (out / "cleaned.conll").read_bytes()
    (out / "cleaned.conll").write_text("mine")
    assert run(command) == 0
    assert "was changed since it was written here" in " ".join(capsys.readouterr().out.split())
    assert (out / "cleaned.conll").read_text() == "mine"
    for command in (["predict", str(out), str(given)], ["queue", str(out)]):
        assert run(command) == 2
        assert "holds corrected tags, for which no network is trained" in " ".join(capsys.readouterr().err.split())


def test_inspect_tells_the_same_noise(given, tmp_path, capsys):
    found, out = tmp_path / "found.json", tmp_path / "out"
    assert run(["inspect", str(given), "--json", str(found)]) == 0
    assert run(["clean", str(given), "--out", str(out)]) == 0
    one, two = json.loads(found.read_text()), json.loads((out / "tags.json").read_text())
    assert one["kind"] == "tags" and one["noise"] == two["noise"] and one["data"] == two["data"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--method", "mw_net"], "--method does not go with tags of tokens"),
        (["--trusted", "auto", "--max-rows", "9"], "--max-rows does not go with tags"),
        (["--budget", "5m"], "--budget does not go with tags"),
        (["--trusted", "99"], "sentences of given.tsv are numbered 1 to 80"),
        (["--trusted", "nowhere.conll"], "--trusted is 'nowhere.conll', which is no file"),
        (["--flag", "much=1"], "--flag is 'much=1'"),
        (["--label", "3"], "give the number of a column of given.tsv, 1 to 2"),
        (["--label", "tag", "--tags"], "give the number of a column of given.tsv, 1 to 2"),
    ],
)
def test_wrong_options_get_one_sentence(given, tmp_path, capsys, options, said):
    assert run(["clean", str(given), "--out", str(tmp_path / "out"), *options]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert said in error and "Traceback" not in error and not (tmp_path / "out").exists()


def test_results_do_not_go_beside_the_data_or_into_another_run(given, tmp_path, capsys):
    assert run(["clean", str(given), "--out", str(given.parent)]) == 2
    assert "give another folder for --out" in " ".join(capsys.readouterr().err.split())
    (tmp_path / "config.json").write_text("{}")
    assert run(["clean", str(given), "--out", str(tmp_path)]) == 2
    assert "a run on data of another kind" in " ".join(capsys.readouterr().err.split())


def test_other_forms_are_refused_in_one_sentence(tmp_path, capsys):
    (tmp_path / "a.json").write_text('[{"tokens": ["a"], "tags": ["O"]}]\n')
    for path, said in ((tmp_path / "a.json", "a.json is JSON, and --tags needs"), (tmp_path, "is a folder")):
        assert run(["inspect", str(path), "--tags"]) == 2
        assert said in " ".join(capsys.readouterr().err.split())


def test_a_token_without_a_tag_is_named(tmp_path, capsys):
    path = tagged.write(tmp_path / "a.txt", tagged.sentences(), " ")
    path.write_text(path.read_text().replace("town O", "town", 1))
    assert run(["clean", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "of a.txt has a token and no tag: 'town'" in " ".join(capsys.readouterr().err.split())
    assert run(["inspect", str(path)]) == 0
    assert "Left as it is: line" in " ".join(capsys.readouterr().out.split())


def test_trusted_sentences_are_taken_over(given, tmp_path, capsys):
    clean = tagged.sentences()
    noisy, _ = tagged.with_wrong(clean)
    right, out = tagged.write(tmp_path / "right.conll", clean[:30]), tmp_path / "out"
    assert run(["clean", str(given), "--trusted", str(right), "--out", str(out)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    wrong = sum(one != two for a, b in zip(noisy[:30], clean[:30], strict=True) for one, two in zip(a, b, strict=True))
    assert "30 trusted sentences, in which " in said and wrong
    begin = (out / "cleaned.conll").read_bytes().decode().replace("\r\n", "\n").split("\n\n")[:30]
    assert begin == ["\n".join(f"{word}\t{tag}" for word, tag in sentence) for sentence in clean[:30]]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_lists_come_back_in_their_form(form, tmp_path, capsys):
    noisy, _ = tagged.with_wrong(tagged.sentences())
    path = tagged.write_lists(tmp_path / f"given.{form}", noisy)
    assert run(["clean", str(path), "--out", str(tmp_path / "out")]) == 0
    assert "tags look wrong" in " ".join(capsys.readouterr().out.split())
    found = tagged.read_lists(tmp_path / "out" / f"cleaned.{form}")
    assert [one["tokens"] for one in found] == [[word for word, _ in one] for one in noisy]
    assert 5 < sum(one["ner_tags"] != [tag for _, tag in two] for one, two in zip(found, noisy, strict=True)) < 60
    assert all(one["id"] == place for place, one in enumerate(found))


@pytest.mark.parametrize("form", ["conll", "jsonl"])
def test_a_sample_to_put_right_is_written_and_can_be_trusted(form, tmp_path, capsys):
    clean = tagged.sentences()
    noisy, _ = tagged.with_wrong(clean)
    path = tmp_path / f"given.{form}"
    tagged.write(path, noisy) if form == "conll" else tagged.write_lists(path, noisy)
    out = tmp_path / "out"
    assert run(["clean", str(path), "--out", str(out)]) == 0
    sample = out / f"sample.{form}"
    assert f"--trusted {sample} --out {out}_again" in (out / "report.html").read_text()
    capsys.readouterr()
    assert run(["clean", str(path), "--trusted", str(sample), "--out", f"{out}_again"]) == 0
    assert "20 trusted sentences" in " ".join(capsys.readouterr().out.split())
    assert not Path(f"{out}_again/{sample.name}").exists()
    assert f"--trusted {sample}" in Path(f"{out}_again/report.html").read_text()
