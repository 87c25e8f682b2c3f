"""What is measured already is not measured again."""

import json

from experiments.own_data.resumed import complete


def test_only_what_lacks_is_added(tmp_path):
    path, seen = tmp_path / "lines.jsonl", []
    path.write_text('{"data": "a", "seed": 0, "ap": 0.5}\n')

    def measure(data, seed):
        seen.append((data, seed))
        return {"ap": 1.0}

    cases = [{"data": data, "seed": seed} for data in "ab" for seed in (0, 1)]
    for _ in range(2):
        complete(path, cases, measure)
    assert seen == [("a", 1), ("b", 0), ("b", 1)]
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0]["ap"] == 0.5 and lines[3] == {"data": "b", "seed": 1, "ap": 1.0} and len(lines) == 4
