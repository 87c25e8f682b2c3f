import hashlib
import socket

import pytest

from meta_noise.data.download import CATALOGUE, DataSet, PublishedFile, download, main
from meta_noise.errors import InputError

CONTENT = b"published content" * 1000


@pytest.fixture
def catalogue(tmp_path):
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "one.gz").write_bytes(CONTENT)
    address = (tmp_path / "server" / "one.gz").as_uri()
    return {
        "toy": DataSet((PublishedFile(address, len(CONTENT), hashlib.sha256(CONTENT).hexdigest()),), "Toy [licence].")
    }


def test_a_file_is_fetched_whole_and_left_alone_after(tmp_path, catalogue, capsys):
    target = tmp_path / "new" / "one.gz"
    assert download("toy", tmp_path / "new", catalogue) == [target]
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    assert "Toy [licence]." in capsys.readouterr().err
    (tmp_path / "server" / "one.gz").unlink()  # nothing is fetched again
    assert download("toy", tmp_path / "new", catalogue) == [target]


def test_another_content_is_not_overwritten(tmp_path, catalogue):
    (tmp_path / "one.gz").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"other content .*nothing was overwritten"):
        download("toy", tmp_path, catalogue)
    assert (tmp_path / "one.gz").read_bytes() == b"mine"


@pytest.mark.parametrize("sent", [CONTENT[:-1], CONTENT[:-1] + b"x", CONTENT + b"x", b""])
def test_a_wrong_content_is_not_kept(tmp_path, catalogue, sent):
    (tmp_path / "server" / "one.gz").write_bytes(sent)
    with pytest.raises(InputError, match="did not send the published file"):
        download("toy", tmp_path / "new", catalogue)
    assert list((tmp_path / "new").iterdir()) == []


def test_the_command_answers_with_a_sentence_and_2(tmp_path, catalogue, monkeypatch, capsys):
    with socket.socket() as held:  # bound but not listening, so that connections are refused
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/one.gz"
        unreachable = DataSet((PublishedFile(url, 1, "0" * 64),), "")
        for key, entry in {"toy": catalogue["toy"], "far": unreachable}.items():
            monkeypatch.setitem(CATALOGUE, key, entry)
        assert main(["toy", str(tmp_path)]) == 0
        assert main(["far", str(tmp_path / "far")]) == 2
    assert f"Cannot fetch {url}" in capsys.readouterr().err
    assert list((tmp_path / "far").iterdir()) == []
    assert main(["mnits", str(tmp_path)]) == 2
    assert "Did you mean 'mnist'" in capsys.readouterr().err
    (tmp_path / "in the way").write_text("")
    assert main(["toy", str(tmp_path / "in the way")]) == 2


def test_the_catalogue_is_whole():
    assert sorted(name for name in CATALOGUE) == ["cifar10", "cifar100", "fashion_mnist", "mnist"]
    for entry in CATALOGUE.values():
        assert entry.licence
        for file in entry.files:
            assert len(file.sha256) == 64 and file.bytes > 0 and "/" not in file.file
