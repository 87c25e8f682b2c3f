"""A few numbers of two steps of every method in every published form, as they were when last looked at.

They find changes that nobody meant; that the numbers are right is shown elsewhere. `python -m
tests.golden.test_one_step NAME` writes those of a new method and touches no others. After a change that is meant the
same without a name writes all that changed; the difference belongs into CHANGELOG.md.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import jax
import numpy as np
import pytest

from meta_noise.config import registry
from tests import presets

FILE = Path(__file__).with_name("one_step.json")
COMMAND = "python -m tests.golden.test_one_step"
RTOL, ATOL = 1e-7, 1e-12
QUICK = {"supervised", "l2r", "mw_net", "mlc_lcn", "mlc_t", "ieg", "famus"}  # by default; the others with -m slow
RUN = [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in presets.CASES]


def numbers(case: str) -> dict[str, list[float]]:
    """Returns two numbers of each part of state and info after two steps: its norm, and a sum with changing signs."""
    step, state = presets.step_of(case), presets.start_of(case)
    for number in (1, 2):
        state, info = step(presets.key_of(number), state, *presets.batches_of(case, number))
    parts = {
        "loss": info.loss,
        "outer_loss": info.outer_loss,
        "weights": info.rows.weights,
        "targets": info.rows.targets,
        "probability": info.rows.probability,
        "metrics": info.metrics,
        "params": state.learner.params,
        "batch_stats": state.learner.batch_stats,
        "opt_state": state.learner.opt_state,
        "meta_params": state.meta.params,
        "meta_opt_state": state.meta.opt_state,
        "engine": state.meta.engine,
    }
    return {name: _two(part) for name, part in parts.items() if jax.tree.leaves(part)}


def _two(tree) -> list[float]:
    values = np.concatenate([np.ravel(np.asarray(leaf, np.float64)) for leaf in jax.tree.leaves(tree)])
    return [float(np.linalg.norm(values)), float(values @ np.cos(np.arange(1, len(values) + 1)))]


def known() -> dict[str, dict[str, list[float]]]:
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("case", RUN)
def test_two_steps_give_the_known_numbers(case):
    expected = known().get(case)
    assert expected is not None, _missing(case)
    found = numbers(case)
    assert found.keys() == expected.keys(), f"{case!r} reports other things; if that is meant, run {COMMAND}."
    for name, values in expected.items():
        explained = f"{name} of {case!r} changed; if that is meant, run {COMMAND} and say why in CHANGELOG.md"
        np.testing.assert_allclose(found[name], values, RTOL, ATOL, err_msg=explained)


def test_every_method_and_nothing_else_has_numbers():
    missing = [name for name in registry.names("methods") if name not in known()]
    assert not missing, _missing(missing[0])
    left = set(known()) - set(presets.CASES)
    assert not left, f"There are golden numbers for {sorted(left)}, which nobody computes; {COMMAND} drops them."


@pytest.mark.slow
def test_naming_a_case_freezes_that_case_alone(tmp_path, monkeypatch, capsys):
    """As CONTRIBUTING says for a new method: its numbers are added, and no others are computed or changed."""
    here = {name: parts for name, parts in known().items() if name != "l2r"}
    here["mw_net"] = {"loss": [0.0, 0.0]}  # would be found to have changed
    file = tmp_path / "one_step.json"
    file.write_text(json.dumps(here))
    monkeypatch.setattr(sys.modules[__name__], "FILE", file)
    write(["l2r"])
    assert capsys.readouterr().out == "l2r: new\n"
    written = known()
    assert written.pop("l2r").keys() == numbers("l2r").keys() and written == here
    with pytest.raises(SystemExit, match="no case 'l2rr'"):
        write(["l2rr"])


def _missing(name: str) -> str:
    return f"There are no golden numbers for {name!r}. When its own test holds, {COMMAND} {name} writes them."


def write(names: Sequence[str] = ()) -> None:
    """Writes the file, all cases or those named, and says which are new or changed."""
    before, after = known(), {}
    for name in names:
        if name not in presets.CASES:
            raise SystemExit(f"There is no case {name!r}; there are {', '.join(sorted(presets.CASES))}.")
    with jax.enable_x64(True):
        for case in sorted(presets.CASES):
            if names and case not in names:
                after |= {case: before[case]} if case in before else {}
                continue
            after[case] = numbers(case)
            old = before.get(case)
            if old is None or old.keys() != after[case].keys():
                print(f"{case}: new")
            elif not all(np.allclose(after[case][name], old[name], RTOL, ATOL) for name in old):
                print(f"{case}: changed")
            else:
                after[case] = old
    FILE.write_text(_one_line_per_part(after), encoding="utf-8")


def _one_line_per_part(cases: dict) -> str:
    def block(name, parts):
        lines = ",\n".join(f"    {json.dumps(part)}: {json.dumps(values)}" for part, values in parts.items())
        return f"  {json.dumps(name)}: {{\n{lines}\n  }}"

    return "{\n" + ",\n".join(block(*case) for case in cases.items()) + "\n}\n"


if __name__ == "__main__":
    write(sys.argv[1:])
