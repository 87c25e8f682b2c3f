"""Prepare a set of image files once, so that training can stream it: `meta-noise prepare NAME --from TREE --to DIR`.

TREE is the folder with the extracted files as the distributor ships them. Every image is read, tried and written, then
all is read back and compared; images that cannot be decoded are left out and listed in left_out.csv.
"""

import argparse
from pathlib import Path

from rich.console import Console

from meta_noise.data.images.plan import Plan
from meta_noise.data.images.preparing import LEFT_OUT, prepare_images
from meta_noise.data.sources.animal10n import animal10n_plan
from meta_noise.data.sources.clothing1m import clothing1m_plan
from meta_noise.data.sources.cnwl import RATES, cnwl_plan
from meta_noise.data.sources.food101n import food101n_plan
from meta_noise.data.sources.webvision import webvision_mini_plan, webvision_plan
from meta_noise.terminal import say
from meta_noise.visible import counted

LAYOUTS = {
    "webvision": lambda o: webvision_plan(o.tree, o.imagenet, o.clean),
    "webvision_mini": lambda o: webvision_mini_plan(o.tree, o.imagenet, o.clean),
    "clothing1m": lambda o: clothing1m_plan(o.tree),
    "food101n": lambda o: food101n_plan(o.tree, o.food101),
    "cnwl": lambda o: cnwl_plan(o.tree, o.colour, o.rates or RATES),
    "animal10n": lambda o: animal10n_plan(o.tree),
}


def run(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when the set is prepared.

    Raises:
        InputError: the tree, or an option, is not usable.
    """
    plan: Plan = LAYOUTS[options.name](options)
    for note in plan.notes:
        say(console, f"- {note}")
    for split, rows in plan.splits.items():
        say(console, f"- {split}: {counted(len(rows), 'image')}")
    made = prepare_images(plan, Path(options.to), options.partial, options.most_bad, console)
    left_out = len((made / LEFT_OUT).read_text(encoding="utf-8").splitlines()) - 1
    if left_out:
        say(console, f"{counted(left_out, 'image')} left out, undecodable: {made / LEFT_OUT}.")
    say(console, f"Prepared in {made}. In a config: data.path={options.to}")
    return 0
