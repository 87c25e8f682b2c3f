"""Compares every method on every mesh: `python -m experiments.scale.meshes [CASE ...]` appends to same.jsonl."""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=8 "
    "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
)

import jax

from experiments.scale.same import CASES, MESHES, differences

FILE = Path(__file__).with_name("same.jsonl")


def known() -> set[tuple[str, str]]:
    """Returns what the file has already."""
    lines = FILE.read_text(encoding="utf-8").splitlines() if FILE.is_file() else []
    return {(found["case"], found["mesh"]) for found in map(json.loads, lines)}


def main(arguments: list[str]) -> None:
    """Appends a line for each case and mesh that the file lacks, one mesh after the other."""
    parser = argparse.ArgumentParser(prog="python -m experiments.scale.meshes", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="; ".join(CASES))
    cases = parser.parse_args(arguments).cases
    if unknown := [case for case in cases if case not in CASES]:
        parser.error(f"there is no case {unknown[0]!r}; the cases are: {'; '.join(CASES)}")
    with jax.enable_x64(True):
        for mesh in MESHES:
            for case in cases or CASES:
                if (case, mesh) in known():
                    continue
                state, others = differences(case, mesh)
                line = json.dumps({"case": case, "mesh": mesh, "state": state, "others": others})
                print(line, flush=True)
                with open(FILE, "a", encoding="utf-8") as file:
                    file.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
