"""What files name: our own rooms, what the caller allows, and nothing else; settings are plain, sane and fitting."""

import sys

import pytest

from meta_noise.config import registry
from meta_noise.config.foreign_names import own_name, own_section
from meta_noise.errors import InputError

HOSTILE = (
    "pydoc.pipepager",
    "os.system",
    "subprocess.run",
    "antigravity.fly",
    "builtins.eval",
    "builtins.exec",
    "..mlp",
    ".mlp",
    "mlp.",
    "meta_noise.models.mlp.mlp",
    "../../x",
    "/etc/passwd",
    "mlp\0",
    "mlp ",
    "",
    "__init__",
    "network",
    "no_such",
    "m" * 10_000,
    "mlp\n",
    "\u202emlp",
    "\uff2d\uff2c\uff30",
    "import",
    None,
    3,
    True,
    ["mlp"],
    {"mlp": 1},
    b"mlp",
    1e300,
    "mlp()",
    "mlp;import os",
    "published",
)


@pytest.mark.parametrize("room", sorted(registry.ROOMS))
@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: repr(name)[:20])
def test_nothing_else_is_found_or_imported(room, name):
    before = set(sys.modules)
    with pytest.raises(InputError) as caught:
        own_name(room, name, "model.json")
    assert "\n" not in str(caught.value)
    new = {module for module in set(sys.modules) - before if not module.startswith("meta_noise.")}
    assert not new & {"antigravity", "pydoc"}


@pytest.mark.parametrize(("room", "name"), [(room, registry.names(room)[0]) for room in sorted(registry.ROOMS)])
def test_our_own(room, name):
    assert own_name(room, name, "model.json") == name


def test_what_the_caller_allows():
    assert own_name("models", "a.b", "model.json", ("a.b",)) == "a.b"
    with pytest.raises(InputError, match="--allow"):
        own_name("models", "a.c", "model.json", ("a.b",))


def test_settings_that_fit():
    section = {"name": "mlp", "hidden": [3, 4], "head": "linear", "pretrained": ""}
    assert own_section("models", section, "model.json", others=("pretrained",)) == section


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden": [10**12]},
        {"hidden": [-(10**12)]},
        {"hidden": 3},
        {"hidden": ["3"]},
        {"hidden": [[3]]},
        {"hidden": None},
        {"hidden": [1.5]},
        {"hidden": [True]},
        {"hidden": [1] * 5000},
        {"hidden": [[[[[[]]]]]]},
        {"head": "other"},
        {"head": 1},
        {"head": "x" * 10_000},
        {"hidden": [float("nan")]},
        {"hidden": float("inf")},
        {"units": 3},
        {"hidden": {"a": 1}},
        {"hidden": object()},
        {"hidden": (3,)},
        {"num_classes": 3},
    ],
)
def test_settings_that_do_not(settings):
    with pytest.raises(InputError, match=r"^model.json: ") as caught:
        own_section("models", {"name": "mlp", **settings}, "model.json", largest=10**6)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("section", [None, [], "mlp", {}, {"hidden": [3]}, {"name": None}, {"name": ["mlp"]}])
def test_what_is_no_section(section):
    with pytest.raises(InputError, match=r"^model.json"):
        own_section("models", section, "model.json")
