"""Looks at all training rows between epochs: what they change, and that a stopped run goes on with the same bits."""

import json
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.core.averages import average
from meta_noise.errors import InputError, NotFiniteError, StoppedError
from meta_noise.train.draws import first_split
from meta_noise.train.refresh import describe, no_split, refresh
from meta_noise.train.sharding import placement
from meta_noise.train.steps import Carry
from meta_noise.types import Learner, Meta, Refreshed, Split, State
from tests.train.whole import GUESSED, Followed, assert_same_bits, follow, guessed

FAMUS = {  # three looks, before steps 12, 18 and 24 of 30
    "method": {"name": "famus", "fewest": 8},
    "clean": {"size": 0},
    "train": {"epochs": 3, "warmup_epochs": 2},
    "meta": {"cotangents": {"name": "layer_sampler", "hidden": 8, "layers": 2}},
}
STOP = 27  # in the middle of the last epoch


@pytest.fixture(scope="module")
def famus(tmp_path_factory) -> Followed:
    return follow(tmp_path_factory.mktemp("runs") / "famus", quick=True, **FAMUS)


@pytest.fixture(params=[pytest.param("famus", marks=pytest.mark.slow), "guessed"])
def whole(request):
    """Gives (a finished run, how to run it again)."""
    if request.param == "guessed":
        return guessed(), GUESSED
    return request.getfixturevalue("famus"), {**FAMUS, "quick": True}


def plain(results):
    """Returns what is the same however often a run was stopped."""
    return {key: value for key, value in results.items() if key not in ("seconds", "step_milliseconds")}


def test_results_say_that_clean_rows_were_guessed(whole):
    run, _ = whole
    written = json.loads((run.fitted.folder / "results.json").read_text())["clean_set"]
    codes, clean = (np.atleast_2d(x) for x in run.finished.kept.split)
    right = np.asarray(run.job.store.labels) == np.asarray(run.job.store.true_labels)
    assert written["pseudo"] is True and written["trained_on"] is True
    assert written["size"] == round(clean.sum(axis=1).mean()) > 0
    assert written["precision"] == pytest.approx((clean & right).sum() / clean.sum())
    assert right.mean() + 0.1 < written["precision"] <= 1  # low losses tell something
    lines = [json.loads(line) for line in (run.fitted.folder / "metrics.jsonl").read_text().splitlines()]
    names = {"clean_rows", "clean_precision"}
    assert [names & line.keys() for line in lines] == [set(), set(), names, names, names]  # two epochs of warm-up
    assert (codes[clean] > 0).all() and set(codes.ravel()) <= {1, 2}


@pytest.mark.slow
def test_famus_trusts_rows_by_the_losses_of_the_other_network(famus):
    """Both networks have their own split, by the probability that their memory keeps; half of each batch is trusted."""
    split, state = famus.finished.kept.split, famus.finished.kept.carry.state
    probability = np.asarray(state.memory["clean"])
    np.testing.assert_array_equal(np.asarray(split.train) == 2, probability > 0.5)
    assert (np.asarray(split.train)[0] != np.asarray(split.train)[1]).any()
    assert int(state.memory["first"]) == 2
    assert famus.compilations[0] == famus.compilations[1] < famus.compilations[2] == famus.compilations[4]


def test_a_run_stopped_after_several_looks_goes_on_to_the_last_bit(whole, tmp_path):
    run, settings = whole
    with pytest.raises(StoppedError, match=f"step {STOP}"):
        follow(tmp_path / "cut", stops_at=STOP, **settings)
    again = follow(tmp_path / "cut", **settings)
    assert_same_bits(again.finished.kept, run.finished.kept)
    assert again.finished.history == run.finished.history and len(again.finished.history) == 5
    assert again.fitted.labels.equals(run.fitted.labels)
    assert plain(again.fitted.results) == plain(run.fitted.results)
    for name in ("metrics.jsonl", "labels.csv", "learned.npz", "rows.npz"):
        assert (again.fitted.folder / name).read_bytes() == (run.fitted.folder / name).read_bytes()


@pytest.mark.slow
def test_eight_devices_give_the_numbers_of_one_for_a_pair(famus, tmp_path):
    eight = follow(tmp_path / "eight", **{**FAMUS, "train": {**FAMUS["train"], "devices": 8}, "quick": True})
    assert_same_bits(eight.finished.kept.split, famus.finished.kept.split)
    for one, two in zip(eight.finished.history, famus.finished.history, strict=True):
        assert one.keys() == two.keys()
        for name, value in two.items():
            np.testing.assert_allclose(one[name], value, rtol=1e-4, err_msg=name)
    quality = [np.array(run.fitted.labels["label_quality"]) for run in (eight, famus)]
    np.testing.assert_allclose(*quality, atol=2e-5)


def small(look):
    """Returns (job, carry) of a method that only looks, with averaged parameters."""
    params = {"w": jnp.ones(2)}
    opt_state = average(0.9).init(params)._replace(ema={"w": jnp.zeros(2)})
    state = State(jnp.int32(6), Learner(params, "statistics", opt_state), Meta((), (), ()), "old")
    job = SimpleNamespace(
        settings=SimpleNamespace(seed=0),
        method=SimpleNamespace(refresh=look),
        sweep=lambda function, state: function(state, "rows"),
    )
    return job, Carry(state, "memory", "tally")


def test_a_look_sees_averages_and_changes_only_memory_and_split():
    seen = []

    def look(key, state, sweep, epoch):
        seen.append((jax.random.key_data(key).tolist(), state.learner, sweep(lambda *args: args), epoch))
        return Refreshed(jnp.arange(3), Split(np.array([1, 2], np.int8), np.array([True, False])), ("A sentence.",))

    job, carry = small(look)
    for epoch in (2, 3):
        new, split, notes = refresh(job, placement(1), carry, epoch, lambda: None)
    (first_key, learner, (state, rows), _), (second_key, *_, last) = seen
    assert first_key != second_key and last == 3
    assert learner.params["w"].tolist() == [0, 0] and learner.opt_state == ()
    assert state.learner == learner and rows == "rows"
    assert new.state.learner == carry.state.learner and new.state.meta == carry.state.meta
    assert new._replace(state=carry.state) == carry
    assert new.state.memory.tolist() == [0, 1, 2]
    assert split.train.tolist() == [1, 2] and split.clean.tolist() == [True, False] and notes == ("A sentence.",)


def test_after_a_look_all_but_the_memory_may_begin_anew():
    job, carry = small(lambda key, state, sweep, epoch: Refreshed(jnp.arange(3), None, restart=True))
    start = carry.state._replace(step=jnp.int32(0), learner="first", meta="first", memory="first")
    new, split, _ = refresh(job, placement(1), carry, 2, lambda: start)
    assert new.state._replace(memory="first") == start and new.state.memory.tolist() == [0, 1, 2]
    assert split is None and new._replace(state=carry.state) == carry


@pytest.mark.parametrize(
    ("train", "clean"),
    [
        ([0, 0], [True, False]),
        ([1, 2], [False, False]),
        ([[1, 2], [0, 0]], [[True, True], [True, True]]),
    ],
)
def test_a_look_that_leaves_no_row_stops_the_run(train, clean):
    """As when no loss is finite any more."""
    split = Split(np.array(train, np.int8), np.array(clean))
    job, carry = small(lambda key, state, sweep, epoch: Refreshed((), split))
    with pytest.raises(NotFiniteError, match=r"Before epoch 4 .*no row.*learning rate") as caught:
        refresh(job, placement(1), carry, 3, lambda: None)
    assert "\n" not in str(caught.value)


def test_share_of_right_rows():
    labels = np.array([0, 1, 2, 0])
    job = SimpleNamespace(store=SimpleNamespace(labels=labels, true_labels=np.array([0, 1, 0, 1])))
    clean = np.array([True, True, True, False])
    assert describe(job, Split(None, clean)) == {"clean_rows": 3, "clean_precision": pytest.approx(2 / 3)}
    pair = Split(None, np.stack([clean, ~clean]))  # three and one rows, of which two and none are right
    assert describe(job, pair) == {"clean_rows": 2, "clean_precision": 0.5}
    job.store.true_labels = None
    assert describe(job, Split(None, clean)) == {"clean_rows": 3}


def test_a_method_that_never_looks_has_no_split():
    job = SimpleNamespace(method=SimpleNamespace(refresh=None))
    assert no_split(job) == ()
    job = SimpleNamespace(
        method=SimpleNamespace(refresh=1, copies=2),
        store=SimpleNamespace(labels=np.zeros(5)),
        train_rows=[0, 2],
        clean_rows=[2],
    )
    assert_same_bits(no_split(job), first_split(5, np.array([0, 2]), np.array([2]), 2))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"clean": {"auto": True, "size": 20}}, r"config.clean.auto .* config.clean.size must be 0 .* got 20"),
        ({"clean": {"auto": True, "size": 0, "train_on": "both"}}, "'noisy'; got 0 and 'both'"),
        ({"clean": {"size": 0}}, "config.clean.auto=True"),
    ],
)
def test_clean_rows_are_named_or_guessed(tmp_path, changes, match):
    with pytest.raises(InputError, match=match) as caught:
        follow(tmp_path / "run", **changes)
    assert "\n" not in str(caught.value)
