"""Threads in place of processes, with a store of their own in place of JAX's, for what needs no devices."""

import collections
import threading
from concurrent.futures import ThreadPoolExecutor

import jax

from meta_noise.hosts import exchange

LIMIT = 30  # seconds


class Store:
    """What the client of JAX's distributed runtime offers, as far as it is used."""

    def __init__(self):
        self._found, self._changed = {}, threading.Condition()

    def key_value_set(self, key, text):
        with self._changed:
            if key in self._found:
                raise jax.errors.JaxRuntimeError(f"ALREADY_EXISTS: {key}")
            self._found[key] = text
            self._changed.notify_all()

    def key_value_try_get(self, key):
        return self.blocking_key_value_get(key, 0)

    def blocking_key_value_get(self, key, milliseconds):
        with self._changed:
            if not self._changed.wait_for(lambda: key in self._found, milliseconds / 1000):
                raise jax.errors.JaxRuntimeError(f"DEADLINE_EXCEEDED: {key}")
            return self._found[key]


def together(monkeypatch, *functions):
    """Returns what each function returns or raises, called in a thread of its own as process 0, 1, ..."""
    store, here = Store(), threading.local()

    def meeting(name):
        here.met[name] += 1
        return f"{exchange.PREFIX}/{name}/{here.met[name]}"

    monkeypatch.setattr(exchange, "client", lambda: store)
    monkeypatch.setattr(exchange, "index", lambda: here.index)
    monkeypatch.setattr(exchange, "count", lambda: len(functions))
    monkeypatch.setattr(exchange, "_meeting", meeting)

    def call(number, function):
        here.index, here.met = number, collections.Counter()
        exchange.introduce()
        try:
            return function()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(functions)) as pool:
        calls = [pool.submit(call, number, function) for number, function in enumerate(functions)]
        return [found.result(LIMIT) for found in calls]
