"""Which step is called when."""

from meta_noise.train.calendar import Calendar
from meta_noise.train.calls import Call, kinds_of, next_call, steps_of
from meta_noise.types import Between, Finetune, Method, Warmup

PLAIN = Method(init=None, step="meta", predict=None)
BOTH = PLAIN._replace(warmup=Warmup("warm", 8), between=Between("between", 3))
ALL = BOTH._replace(finetune=Finetune("finetune", 7))


def walk(method, calendar, per_call):
    step, found = 0, []
    while step < calendar.steps:
        found.append(next_call(method, calendar, per_call, step))
        step += found[-1].steps
    assert step == calendar.steps
    return found


def test_as_many_steps_as_allowed_and_no_more_than_the_epoch_has():
    assert walk(PLAIN, Calendar(7, 7), 3) == [Call("method", 3), Call("method", 3), Call("method", 1)]
    assert walk(PLAIN, Calendar(7, 14), 9) == [Call("method", 7)] * 2


def test_warm_up_then_one_meta_step_in_three():
    assert [call.kind for call in walk(ALL, Calendar(8, 23, 8, 8, 7, 5), 5)][-2:] == ["finetune"] * 2
    calls = walk(BOTH, Calendar(8, 16, 8, 8), 4)
    assert calls[:2] == [Call("warmup", 4)] * 2
    meta, between = Call("method", 1), Call("between", 2)
    assert calls[2:] == [meta, between, meta, between, meta, Call("between", 1)]


def test_every_kind_is_known_before():
    plain = (Calendar(8, 24), Calendar(8, 21), Calendar(8, 5), Calendar(8, 8))
    warm = (Calendar(8, 24, 8, 8), Calendar(8, 29, 11, 8), Calendar(5, 27, 11, 8), Calendar(8, 13, 5, 8))
    tuned = (Calendar(8, 31, 8, 8, 7, 3), Calendar(5, 34, 11, 8, 7, 9))
    for method, calendars in ((PLAIN, plain), (BOTH, warm), (ALL, tuned)):
        for calendar in calendars:
            for per_call in (1, 2, 3, 64):
                kinds = {call.kind for call in walk(method, calendar, per_call)}
                assert kinds == set(kinds_of(method, calendar))
    assert steps_of(BOTH) == {"method": "meta", "warmup": "warm", "between": "between"}
