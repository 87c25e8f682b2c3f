"""The table of what a step costs, from experiments/benchmark/results.jsonl."""

import json

from docs.generate.marks import ROOT, table

SETTING = "resnet_cifar: batches of 100, images of 32x32, 10 classes; CPU"


def costs() -> str:
    """Returns time, passes, FLOPs and memory of each case beside plain training, quickest first as they were run."""
    lines = (ROOT / "experiments/benchmark/results.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    rows = [
        (
            f"`{one['case']}`",
            f"{one['ratio']:.2f}",
            f"{one['counted']:.2f}",
            f"{one['flops'] / one['plain']['flops']:.2f}",
            f"{one['temporary_bytes'] / one['plain']['temporary_bytes']:.2f}",
        )
        for one in found
        if one["setting"] == SETTING and one["library"] == "meta_noise"
    ]
    head = ("step of", "time / plain", "counted passes / plain", "FLOPs / plain", "memory / plain")
    return table(head, rows, 1)
