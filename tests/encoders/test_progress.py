"""What is said while rows are encoded, off a terminal."""

import io

from rich.console import Console

from meta_noise.encoders import progress
from meta_noise.encoders.progress import Count


def told(monkeypatch, *steps):
    """Returns the lines and the last word of steps (seconds, rows, whether they were kept) of 100 rows."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    with Count(Console(file=stream, width=100), 100) as count:
        for seconds, rows, was_kept in steps:
            now[0] += seconds
            count.advance(rows, was_kept)
    return stream.getvalue().splitlines(), count.said()


def test_a_line_now_and_then_with_the_time_left(monkeypatch):
    lines, last = told(monkeypatch, (5, 10, False), (6, 10, False), (4, 10, False), (45, 70, False))
    assert lines == ["encoded 20 of 100 rows, 44 s left"] and last == "100 rows, in 60 s"


def test_kept_rows_say_nothing_of_the_speed(monkeypatch):
    lines, last = told(monkeypatch, (0, 60, True), (20, 20, False), (20, 20, False))
    assert lines == ["encoded 80 of 100 rows, 20 s left"] and last == "100 rows, 60 of them kept from before, in 40 s"


def test_all_kept(monkeypatch):
    assert told(monkeypatch, (1, 100, True)) == ([], "100 rows, kept from before")
