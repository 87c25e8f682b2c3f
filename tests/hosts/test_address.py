"""What `--multihost` may be."""

import pytest

from meta_noise import main
from meta_noise.errors import InputError
from meta_noise.hosts.address import Address, parse


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("auto", "auto"),
        ("off", "off"),
        ("10.0.0.1:8476,4,3", Address("10.0.0.1:8476", 4, 3)),
        ("node-a.cluster:1,1,0", Address("node-a.cluster:1", 1, 0)),
        ("[fe80::1]:65535, 2, 1", Address("[fe80::1]:65535", 2, 1)),
    ],
)
def test_forms(text, address):
    assert parse(text) == address


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "three parts"),
        ("on", "three parts"),
        ("host:1,2", "three parts"),
        ("host,2,0", "not HOST:PORT"),
        ("fe80::1:80,2,0", "not HOST:PORT"),
        ("http://a:80,2,0", "not HOST:PORT"),
        ("a:0,2,0", "between 1 and 65535"),
        ("a:65536,2,0", "between 1 and 65535"),
        ("a:80,two,0", "no whole numbers"),
        ("a:80,2,-1", "no whole numbers"),
        ("a:80,²,0", "no whole numbers"),
        ("a:80,0,0", "from 0 to COUNT - 1"),
        ("a:80,2,2", "from 0 to COUNT - 1"),
    ],
)
def test_what_it_may_not_be(text, words):
    with pytest.raises(InputError, match=words) as caught:
        parse(text)
    assert "10.0.0.1:8476,4,0" in str(caught.value)


def test_the_command_says_so(tmp_path, capsys):
    assert main.run(["main", "--config=configs/digits.py", f"--workdir={tmp_path / 'x'}", "--multihost=a:1,2"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: --multihost is 'a:1,2'") and error.count("\n") == 1
    assert not (tmp_path / "x").exists()
