"""Facts and key figures."""

from meta_noise.report.about import duration


def test_duration():
    assert [duration(s) for s in (0.4, 42.2, 83.4, 7320)] == ["0.4 s", "42 s", "1 min 23 s", "2 h 2 min"]
