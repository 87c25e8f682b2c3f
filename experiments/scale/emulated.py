"""Steps compiled for emulated devices: `python -m experiments.scale.emulated [GROUP]` appends to emulated.jsonl.

Groups: `held` (a small network on 1, 2, 4 and 8 devices, beside the prediction), `large` (ResNet-50 on 8, 16 and 64),
`memory` (ResNet-50 and BERT-base with Adam on 1 and 8). Nothing is run. Code generation is cut short; that
changes neither what is communicated nor what is held.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

DEVICES = 64
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={DEVICES} "
    "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
)

from experiments.scale.predicted import network_of, predicted  # noqa: E402 (after the flags)
from experiments.scale.program import Setting, compiled, counted  # noqa: E402
from experiments.scale.steps import ADAM, METHODS, bert, resnet, small  # noqa: E402
from meta_noise.config.schema import MeshAxes  # noqa: E402

FILE = Path(__file__).with_name("emulated.jsonl")
BATCH = 64


def _write(group: str, name: str, devices: int, mesh: str, **values: Any) -> None:
    line = {"group": group, "name": name, "devices": devices, "mesh": mesh, **values}
    print(json.dumps(line), flush=True)
    with open(FILE, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def held(method: str, devices: int) -> None:
    """Writes a step of the small network beside the prediction."""
    _beside("held", small(method), method, devices)


def large(method: str, devices: int) -> None:
    """Writes a step of ResNet-50 beside the prediction."""
    _beside("large", resnet(method), method, devices)


def _beside(group: str, setting: Setting, method: str, devices: int) -> None:
    wanted = predicted(counted(setting, -(-BATCH // devices)), network_of(setting), method, devices)
    found = compiled(setting, BATCH, devices)
    _write(group, method, devices, f"{devices} x 1", predicted=wanted._asdict(), found=_told(found))


def memory(name: str, devices: int) -> None:
    """Writes the bytes of a device where tensors are divided."""
    setting = resnet("supervised", ADAM) if name == "ResNet-50" else bert()
    found = compiled(setting, 8, devices, MeshAxes(data=1, model=devices))
    _write("memory", name, devices, f"1 x {devices}", found=_told(found))


def _told(found: Any) -> dict[str, Any]:
    return {**found._asdict(), "traffic": found.traffic._asdict()}


PROGRAMS = [
    *((held, method, devices) for method in METHODS for devices in (1, 2, 4, 8)),
    *((large, method, devices) for devices in (8, 16, 64) for method in ("supervised", "mw_net")),
    *((memory, name, devices) for name in ("ResNet-50", "BERT-base") for devices in (1, 8)),
]


def main(asked: list[str]) -> None:
    """Compiles the programs that the file lacks, those of a group, or one such as `held mw_net 8`."""
    lines = FILE.read_text(encoding="utf-8").splitlines() if FILE.is_file() else []
    known = {(line["group"], line["name"], line["devices"]) for line in map(json.loads, lines)}
    for make, name, devices in PROGRAMS:
        words = make.__name__, name, str(devices)
        if (make.__name__, name, devices) not in known and list(words[: len(asked)]) == asked:
            make(name, devices)


if __name__ == "__main__":
    main(sys.argv[1:])
