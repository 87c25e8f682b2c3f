"""What can be said about the arguments of a command before anything slow is imported or read."""

import argparse
from pathlib import Path

from meta_noise.cleaning.asked import check_asked
from meta_noise.cli.arguments import SETS
from meta_noise.errors import DataNotFoundError, InputError, absent, unknown_name

ENDINGS = (".csv", ".parquet")  # of a file of predictions
TABLES = {"tags.json": "corrected tags", "multilabel.json": "rows with several labels"}  # what a folder holds, by file


def check(options: argparse.Namespace) -> None:
    """Raises InputError where a path is missing or in the way, a name is unknown, or a number is out of range."""
    given = vars(options)
    for least, names in ((0, ("max_rows", "clean", "most_bad")), (1, ("n", "image_size"))):
        for name in names:
            if (number := given.get(name)) is not None and number < least:
                raise InputError(f"--{name.replace('_', '-')} must be {least} or more, got {number}.")
    check_asked(**{name: given[name] for name in ("method", "model", "epochs", "seed") if name in given})
    if options.command == "prepare" and options.name not in SETS:
        raise unknown_name("set of images", options.name, SETS)
    if "run" in given and not Path(options.run).is_dir():
        raise DataNotFoundError(f"There is no run folder {options.run}. Give the --out of `meta-noise clean`.")
    if "run" in given and (held := [what for name, what in TABLES.items() if (Path(options.run) / name).is_file()]):
        raise InputError(
            f"{options.run} holds {held[0]}, for which no network is trained; `{options.command}` takes runs on other "
            "data. Train a model of your own on the corrected file in it."
        )
    for path in (given.get("data"), given.get("answers"), given.get("pred_probs"), given.get("issues")):
        if path == "":
            raise InputError("An empty path is given; name a file or a folder (. is this folder).")
        if path is not None and not Path(path).exists():
            raise absent(Path(path))
    if options.command == "predict":
        free_to_write(Path(options.out))
    if given.get("json") is not None and Path(options.json).exists():
        raise InputError(f"{options.json} exists and is left as it is; give another name for --json.")
    if given.get("json") is not None and not Path(options.json).parent.is_dir():
        raise InputError(
            f"There is no folder {Path(options.json).parent} for --json {options.json}; make it, or name another."
        )


def free_to_write(path: Path) -> Path:
    """Returns the path of predictions to write, or raises InputError where its ending is unknown or it exists."""
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"--out {path} must end in {' or '.join(ENDINGS)}.")
    if path.exists():
        raise InputError(f"{path} exists and is not overwritten. Give another --out, or move it away.")
    return path


def folder_of_tables(options: argparse.Namespace) -> Path:
    """Returns the folder --out of what trains no network, or raises InputError where it holds something else."""
    out = Path(options.out)
    if out.is_dir() and Path(options.data).resolve().parent == out.resolve():
        raise InputError(f"{options.data} lies in {out}, where the results would go; give another folder for --out.")
    if (out / "config.json").is_file():
        raise InputError(f"{out} holds a run on data of another kind; give another folder for --out.")
    return out
