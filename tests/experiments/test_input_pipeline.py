"""The measurement of the input pipeline runs and prints its table."""

from experiments.input_pipeline import measure


def test_a_line_for_everything_that_is_read(tmp_path, monkeypatch, capsys):
    for name, value in (("IMAGES", 8), ("BATCH", 2), ("BATCHES", 2), ("TURNS", 2)):
        monkeypatch.setattr(measure, name, value)
    measure.measure(tmp_path / "pipeline")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("8 JPEG files of 500 x 375")
    rates = [line.split("|")[2:4] for line in lines[4:]]
    assert len(rates) == 13 and all(int(rate.replace(",", "")) > 0 for pair in rates for rate in pair)
    shares = [line.split("|")[4].strip() for line in lines[4:]]
    assert shares[0] == "" and shares[2::2] == [""] * 6 and all(share.endswith("%") for share in shares[1::2])
