"""The commands of `meta-noise`: what each is for, and what it takes. Nothing slow is imported here."""

import argparse
from collections.abc import Callable
from typing import NamedTuple

from meta_noise.config.registry import names

Parser = argparse.ArgumentParser
COLUMNS = ("label", "image", "text", "id", "split")
VOTES = ("annotators", "rules", "long", "probabilities")
NEW_COLUMNS = ("id", "image", "text", "features")
SETS = ("webvision", "webvision_mini", "clothing1m", "food101n", "cnwl", "animal10n")  # of image files
TOOLS = ("label-studio", "argilla")
COLOURS = ("red", "blue")


class Command(NamedTuple):
    """A command, which lies in the file of `meta_noise/cli` that has its name.

    Attributes:
        about: one line on what it is for.
        description: what it does, for its own help.
        examples: command lines.
        add: adds its arguments to a parser.
    """

    about: str
    description: str
    examples: tuple[str, ...]
    add: Callable[[Parser], None]


def _data(parser: Parser) -> None:
    """Adds the arguments that say which data to read, and how."""
    parser.add_argument(
        "data", help="CSV, TSV, JSON lines, Parquet, CoNLL, .npz or .npy file, or a folder of images by class"
    )
    parser.add_argument(
        "--trusted",
        help="column that is true for trusted rows, a second file of rows to trust, or auto to trust none (default: a "
        "column of a usual name, such as trusted); with tags of tokens a file of right sentences, or their numbers",
    )
    for column in COLUMNS:
        parser.add_argument(f"--{column}", help=f"name of the column ({column}) (default: told by usual names)")
    parser.add_argument(
        "--features",
        help=".npy with one vector per row, or a column of vectors, in place of the inputs (default: none)",
    )
    _encoder(
        parser,
        "local folder of Hugging Face whose model makes features of texts or images (BERT and kin, sentence "
        "encoders, ViT, DINOv2, CLIP); they are computed once and kept in ~/.cache/meta_noise/encoded (default: none)",
    )
    parser.add_argument(
        "--annotators",
        metavar="COLUMNS",
        help="columns of labels by several people, such as ann_1,ann_2,ann_3, or one of lists (default: "
        "annotator_1, annotator_2, ... where there is no label)",
    )
    parser.add_argument(
        "--rules",
        metavar="COLUMNS",
        help="the same of weak rules, -1 where one abstains; or an .npy or .npz of votes (default: none)",
    )
    parser.add_argument(
        "--long",
        nargs="?",
        const="same",
        metavar="FILE",
        help="file with one vote a row: id, annotator, label; without FILE, or same: the data are such rows "
        "(default: a label a row)",
    )
    parser.add_argument(
        "--probabilities",
        metavar="COLUMNS",
        help="columns of probabilities, one for each class (a prefix such as prob_ will do), or one of lists "
        "(default: none)",
    )
    parser.add_argument(
        "--multilabel",
        nargs="?",
        const="",
        metavar="SIGN",
        help="the column of labels holds several in a cell, as lists or with SIGN between them, guessed if left out; "
        "or --label names a column of yes and no for each class, such as sea,sun,city (default: told by the cells)",
    )
    parser.add_argument("--folder", help="where relative image paths begin (default: the folder of the file)")
    parser.add_argument("--image-size", type=int, help="side in pixels that images are brought to (default: as found)")
    parser.add_argument(
        "--keep-missing-words",
        action="store_true",
        help="NA, None, - and the like are classes, too (default: they are no labels)",
    )
    parser.add_argument(
        "--keep-spellings", action="store_true", help="Sports and sports are two classes (default: they are one)"
    )
    parser.add_argument(
        "--tags",
        action="store_true",
        help="the file has a token and its tag on each line and a blank line between sentences (CoNLL), --text and "
        "--label being numbers of columns; or lists of tokens and of tags in JSON lines or Parquet (default: told by "
        "the form of the file)",
    )
    parser.add_argument("--max-rows", type=int, default=0, help="use so many random rows (default: all)")


def _encoder(
    parser: Parser, what: str = "the folder of the run's encoder, where it has moved (default: its old place)"
) -> None:
    parser.add_argument("--encoder", help=what)


def _method(parser: Parser, default: str) -> None:
    parser.add_argument("--method", default="", help=f"one of {', '.join(names('methods'))} (default: {default})")


def _cache(parser: Parser) -> None:
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="keep nothing that is compiled (default: it is kept for the next command in ~/.cache/meta_noise/compiled, "
        "1 GiB at most; delete the folder to empty it; META_NOISE_CACHE names another folder, or is off)",
    )


def _allow(parser: Parser) -> None:
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="NAME",
        help="a network or method outside this library, such as my_package.my_model, that the run may name and that "
        "is then imported; may be given more than once (default: what a file names is not imported)",
    )


def _copy_to(parser: Parser) -> None:
    parser.add_argument(
        "--copy-to", metavar="FOLDER", help="new folder for a corrected copy of a folder of images (default: none)"
    )


def _run(parser: Parser, what: str) -> None:
    parser.add_argument("run", help=what)


def _inspect(parser: Parser) -> None:
    _data(parser)
    parser.add_argument("--json", help="file to write everything to as JSON (default: none)")
    parser.add_argument(
        "--no-cost",
        action="store_true",
        help="leave the expected time and memory out, which saves seconds (default: they are told)",
    )
    _cache(parser)


def _clean(parser: Parser) -> None:
    _data(parser)
    parser.add_argument("--out", required=True, help="folder for the run; the same command again resumes it")
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="leave rows out that cannot be used, and list them (default: say the first and end)",
    )
    _method(parser, "a network that learns the labels found most probable")
    networks = ", ".join(names("models"))
    parser.add_argument("--model", default="", help=f"one of {networks} (default: chosen by the data, and said)")
    parser.add_argument(
        "--epochs", type=_epochs, default=0, help="passes over the rows (default: chosen by their number)"
    )
    parser.add_argument(
        "--flag",
        default="",
        help="how many labels are flagged: precision=0.8, recall=0.9 or count=200 (default: by the estimated noise)",
    )
    parser.add_argument(
        "--budget",
        default="",
        help="time for the candidates, such as 5m; a network is then tried, too (default: by the data)",
    )
    parser.add_argument(
        "--pred-probs", help=".npy or .npz of out-of-fold probabilities of a model of yours (default: none)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of everything random (default: %(default)s)")
    _copy_to(parser)
    _cache(parser)


def _queue(parser: Parser) -> None:
    _run(parser, "folder of a finished run of `meta-noise clean` or `meta-noise ingest`")
    parser.add_argument("--n", type=int, default=200, help="rows to look at (default: %(default)s)")
    parser.add_argument("--out", help="folder for queue.csv and queue.html (default: queue in the run folder)")
    parser.add_argument(
        "--for",
        dest="tools",
        action="append",
        default=[],
        choices=TOOLS,
        help="write the rows as tasks for this tool, too; may be given more than once (default: none)",
    )
    parser.add_argument("--issues", help="frame of cleanlab's label issues to believe (default: the run's own)")
    parser.add_argument("--data", help="the data, where they have moved (default: their old place)")
    parser.add_argument(
        "--seed", type=int, default=0, help="decides which rows are drawn by chance (default: %(default)s)"
    )


def _epochs(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"invalid int value: {text!r}") from None
    if count == 0:
        raise argparse.ArgumentTypeError("0 is given; give 1 or more, or leave it out to have it chosen")
    return count


def _ingest(parser: Parser) -> None:
    _run(parser, "folder of the run that the answers are about; it is left as it is")
    parser.add_argument(
        "answers",
        help="CSV with the columns id and answer, from the page of `meta-noise queue`; an export of Label Studio or "
        "Argilla; or any table with --answer",
    )
    parser.add_argument("--answer", default="", metavar="COLUMN", help="column of answers (default: answer)")
    parser.add_argument("--answer-id", default="", metavar="COLUMN", help="column of ids of the rows (default: id)")
    parser.add_argument("--out", help="folder for the next round (default: RUN-round2, then RUN-round3, ...)")
    parser.add_argument("--data", help="the data, where they have moved (default: their old place)")
    _method(parser, "chosen, or as asked in a run with trusted rows")
    parser.add_argument(
        "--epochs", type=_epochs, default=0, help="passes over the rows (default: a third of those of a new run)"
    )
    _copy_to(parser)
    _encoder(parser)
    _allow(parser)
    _cache(parser)


def _predict(parser: Parser) -> None:
    _run(parser, "folder of a finished run")
    parser.add_argument("data", help="file or folder of new rows, of the kind that the network was trained on")
    parser.add_argument(
        "--out", default="predictions.csv", help="file to write, .csv or .parquet (default: %(default)s)"
    )
    parser.add_argument(
        "--probabilities",
        action="store_true",
        help="add a column for each class (default: the most probable one alone)",
    )
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="leave out rows that cannot be used, and say which (default: say the first and end)",
    )
    for column in NEW_COLUMNS:
        parser.add_argument(f"--{column}", help=f"name of the column ({column}) (default: told by usual names)")
    _encoder(parser)
    _allow(parser)
    _cache(parser)


def _export(parser: Parser) -> None:
    _run(parser, "folder of a finished run")
    parser.add_argument("--out", help="folder for function.jax and function.json (default: exported in the run folder)")
    _allow(parser)


def _cite(parser: Parser) -> None:
    _run(parser, "run folder, finished or not")


def _prepare(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(SETS)}")
    parser.add_argument("--from", dest="tree", metavar="TREE", required=True, help="folder with the extracted files")
    parser.add_argument("--to", metavar="DIR", required=True, help="folder for prepared sets; the path in a config")
    parser.add_argument(
        "--imagenet", default="", metavar="DIR", help="webvision: ILSVRC 2012, with val (default: none)"
    )
    parser.add_argument(
        "--clean",
        type=int,
        default=0,
        help="webvision: trusted rows of each class from DIR/train/SYNSET of ImageNet (default: %(default)s)",
    )
    parser.add_argument(
        "--food101", default="", metavar="DIR", help="food101n: the folder food-101, for its test part (default: none)"
    )
    parser.add_argument(
        "--colour", choices=COLOURS, default="red", help="cnwl: red (web images) or blue (flips) (default: %(default)s)"
    )
    parser.add_argument(
        "--rates", type=float, nargs="+", help="cnwl: shares of wrong labels (default: all that it has)"
    )
    parser.add_argument(
        "--partial",
        action="store_true",
        help="the files are meant to be a part of the published set (default: all of it)",
    )
    parser.add_argument("--most-bad", type=int, help="damaged images to leave out at most (default: 1 in 1,000)")


COMMANDS = {
    "inspect": Command(
        "look at your own data before any training: noise, duplicates, cost",
        "What can be told about the labels before any training; nothing is written but --json.",
        ("inspect my_data.csv", "inspect my_data.csv --trusted checked.csv --json found.json", "inspect photos/"),
        _inspect,
    ),
    "clean": Command(
        "train on your own data and suggest labels",
        "Own data in; suggested labels, a report and a trained network out. No config is needed.",
        (
            "clean my_data.csv --out runs/mine",
            "clean my_data.csv --trusted checked.csv --out runs/mine",
            "clean photos/ --out runs/photos --copy-to photos_corrected",
            "clean names.conll --out runs/names",
        ),
        _clean,
    ),
    "queue": Command(
        "write the rows most worth a human look",
        "The rows most worth a human look, as CSV and as a page that takes the answers.",
        ("queue runs/mine", "queue runs/mine --n 50 --out to_look_at", "queue runs/mine --for label-studio"),
        _queue,
    ),
    "ingest": Command(
        "train on with the answers",
        "Answered rows become trusted, and a next round trains on from the network of the run.",
        (
            "ingest runs/mine answers.csv",
            "ingest runs/mine project-1-at-2026-01-31.json",
            "ingest runs/mine checked.csv --answer right_label",
        ),
        _ingest,
    ),
    "predict": Command(
        "classify new rows by a trained network",
        "Classes of new rows by the network of a run, as CSV or Parquet.",
        ("predict runs/mine new.csv --out predicted.csv", "predict runs/mine new.parquet --probabilities"),
        _predict,
    ),
    "export": Command(
        "write the network as one function for JAX",
        "The network as one function for JAX, with its class names and how to call it.",
        ("export runs/mine", "export runs/mine --out network"),
        _export,
    ),
    "cite": Command(
        "print BibTeX of what a run used",
        "BibTeX of this library and of the method, data, noise, network and losses of a run.",
        ("cite runs/mine", "cite runs/mine > references.bib"),
        _cite,
    ),
    "prepare": Command(
        "prepare a published set of image files for training",
        "Prepares a set of image files once, so that training can stream it. TREE is the folder with the extracted "
        "files as the distributor ships them. Every image is read, tried and written, then all is read back and "
        "compared; images that cannot be decoded are left out and listed in left_out.csv.",
        (
            "prepare animal10n --from TREE --to data",
            "prepare webvision_mini --from TREE --imagenet ILSVRC2012 --to data/webvision_mini",
        ),
        _prepare,
    ),
}
