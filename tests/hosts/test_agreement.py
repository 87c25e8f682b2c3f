"""What processes tell each other before the first step and between steps."""

import shutil
import threading
import time

import pytest

from meta_noise.errors import InputError
from meta_noise.hosts import agreement, exchange
from meta_noise.hosts.decisions import Decision, Decisions
from meta_noise.runs.folder import agree
from tests.hosts.threads import together


def test_everybody_and_the_first(monkeypatch):
    def say(word):
        return lambda: (
            exchange.everybodys("word", word),
            exchange.firsts("word", word),
            exchange.firsts("word", word * 2),
        )

    assert together(monkeypatch, say("a"), say("b"), say("c")) == [(["a", "b", "c"], "a", "aa")] * 3


def test_alone_nobody_is_waited_for():
    assert exchange.everybodys("word", "a") == ["a"] and exchange.firsts("word", "b") == "b"
    assert exchange.is_first() and exchange.count() == 1 and exchange.called(0) == "process 0"


def test_the_first_goes_before_the_others(monkeypatch):
    order = []

    def enter():
        with exchange.first_before_others("the door"):
            order.append(exchange.index())
            time.sleep(0.05)
            order.append(exchange.index())

    assert together(monkeypatch, enter, enter, enter) == [None] * 3
    assert order[:2] == [0, 0] and sorted(order[2:]) == [1, 1, 2, 2]


def test_one_that_does_not_come_is_named(monkeypatch):
    found = together(monkeypatch, lambda: exchange.meet("the door", 0.1), lambda: None)
    assert isinstance(found[0], InputError) and found[1] is None
    assert str(found[0]).startswith("Process 1 (on ") and "has not come as far as 'the door' within 0 s" in str(
        found[0]
    )


CONFIG = {"seed": 1, "data": {"name": "digits", "sha256": "0" * 64}}


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({**CONFIG, "seed": 2}, "The config here is not that of process 0: config.seed (1 there, 2 now). Start all"),
        (
            {**CONFIG, "data": {"name": "digits", "sha256": "1" * 64}},
            f"The data set here is not that of process 0: {'1' * 16} here, {'0' * 16} there. Give all hosts",
        ),
    ],
)
def test_who_differs_is_told(monkeypatch, other, words):
    monkeypatch.setattr(exchange, "PATIENCE", 1.0)
    monkeypatch.setattr(exchange.meet, "__defaults__", (1.0,))
    found = together(monkeypatch, lambda: agree(CONFIG), lambda: agree(CONFIG), lambda: agree(other))
    assert isinstance(found[2], InputError) and str(found[2]).startswith(words)
    for one in found[:2]:  # in a run they would be told, here they only miss the third
        assert isinstance(one, InputError) and "Process 2" in str(one)


def test_all_agree(monkeypatch):
    assert together(monkeypatch, lambda: agree(CONFIG), lambda: agree(dict(reversed(CONFIG.items())))) == [None, None]


def test_the_digest_of_the_code(tmp_path, monkeypatch):
    here = agreement.code_digest()
    shutil.copytree(agreement.Path(agreement.__file__).parents[1], tmp_path / "meta_noise")
    copy = tmp_path / "meta_noise/hosts/agreement.py"
    monkeypatch.setattr(agreement, "__file__", str(copy))
    assert agreement.code_digest.__wrapped__() == here
    (tmp_path / "meta_noise/version.py").write_text("")
    assert agreement.code_digest.__wrapped__() != here


def test_a_folder_that_all_see(monkeypatch, tmp_path):
    found = together(monkeypatch, *[lambda: agreement.check_shared(tmp_path)] * 3)
    assert found == [None] * 3 and not list(tmp_path.iterdir())


@pytest.mark.parametrize("left", [None, b"0" * 32])
def test_a_folder_that_one_does_not_see(monkeypatch, tmp_path, left):
    """Also where an older file of the same name lies there."""
    monkeypatch.setattr(agreement, "VISIBLE", 0.3)
    monkeypatch.setattr(exchange.meet, "__defaults__", (1.0,))
    (tmp_path / "here").mkdir()
    if left:
        (tmp_path / "there").mkdir()
        (tmp_path / "there" / agreement.TOKEN).write_bytes(left)
    places = [tmp_path / "here", tmp_path / "there"]
    found = together(monkeypatch, *[lambda place=place: agreement.check_shared(place) for place in places])
    assert isinstance(found[1], InputError) and "there is not seen here (waited 0 s)" in str(found[1])


def wishes(monkeypatch, every, *timetables):
    """Returns the decisions after each call, where each process wishes what its timetable says for a call."""

    step = threading.Barrier(len(timetables))  # as the collectives of a step are one

    def run(timetable):
        decide, found = Decisions(every[exchange.index()], 1.0), []
        for call in range(1, 9):
            step.wait(10)
            found.append(decide(lambda call=call: timetable.get(call, Decision())))
        return found

    return together(monkeypatch, *[lambda timetable=timetable: run(timetable) for timetable in timetables])


def test_process_0_decides_when_to_save(monkeypatch):
    save, nothing = Decision(True), Decision()
    found = wishes(monkeypatch, [1.0, 0.1], {2: save, 5: save}, {3: save})
    assert found[0] == found[1] == [nothing, save, nothing, nothing, save, nothing, nothing, nothing]


def test_decisions_are_as_far_apart_as_the_clock_of_process_0_says(monkeypatch):
    save, nothing = Decision(True), Decision()
    found = wishes(monkeypatch, [0.25, 5.0], dict.fromkeys(range(1, 9), save), {})
    assert found[0] == found[1] == [nothing, nothing, nothing, save] * 2


@pytest.mark.parametrize("asked", [0, 1])
def test_a_signal_to_any_stops_all_at_one_call(monkeypatch, asked):
    stop = Decision(True, "SIGTERM")
    timetables = [{}, {}]
    timetables[asked] = dict.fromkeys(range(3, 9), stop)
    found = wishes(monkeypatch, [1.0, 1.0], *timetables)
    assert found[0] == found[1] and found[0][:2] == [Decision()] * 2 and found[0][4:] == [stop] * 4


def test_alone_the_wish_is_the_decision():
    assert Decisions(1.0)(lambda: Decision(True, "SIGINT")) == Decision(True, "SIGINT")
