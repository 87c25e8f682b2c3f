"""`python -m meta_noise ...` is `meta-noise ...`, for where the command is not on the path."""

import sys

from meta_noise.cli.run import run

if __name__ == "__main__":
    sys.exit(run())
