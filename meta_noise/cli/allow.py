"""`--allow NAME`: what a run folder may name beside the files of this library."""

import argparse


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Adds the option, which may be given more than once."""
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="NAME",
        help="a network or method outside this library, such as my_package.my_model, that the run may name and that "
        "is then imported; by default what a file names is not",
    )
