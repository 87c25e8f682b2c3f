"""Which step is called when."""

from meta_noise.train.calls import Call, all_calls, next_call, steps_of
from meta_noise.types import Between, Method, Warmup

PLAIN = Method(init=None, step="meta", predict=None)
BOTH = PLAIN._replace(warmup=Warmup("warm", 1), between=Between("between", 3))


def walk(method, per_epoch, per_call, epochs):
    step, found = 0, []
    while step < epochs * per_epoch:
        found.append(next_call(method, per_epoch, per_call, step))
        step += found[-1].steps
    assert step == epochs * per_epoch
    return found


def test_as_many_steps_as_allowed_and_no_more_than_the_epoch_has():
    assert walk(PLAIN, 7, 3, 1) == [Call("method", 3), Call("method", 3), Call("method", 1)]
    assert walk(PLAIN, 7, 9, 2) == [Call("method", 7)] * 2


def test_warm_up_then_one_meta_step_in_three():
    calls = walk(BOTH, 8, 4, 2)
    assert calls[:2] == [Call("warmup", 4)] * 2
    meta, between = Call("method", 1), Call("between", 2)
    assert calls[2:] == [meta, between, meta, between, meta, Call("between", 1)]


def test_every_call_is_known_before():
    for method, per_call in ((PLAIN, 3), (BOTH, 1), (BOTH, 2), (BOTH, 64)):
        assert set(walk(method, 8, per_call, 3)) == set(all_calls(method, 8, per_call))
    assert steps_of(BOTH) == {"method": "meta", "warmup": "warm", "between": "between"}
