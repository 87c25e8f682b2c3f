"""Lines of CSV files, quoted alike by all versions of Python."""

import csv
import io
from collections.abc import Sequence
from typing import Any


def csv_line(cells: Sequence[Any], delimiter: str = ",") -> str:
    r"""Returns cells as one line without its end; cells with a delimiter, a quote, a `\r` or a `\n` are quoted.

    Before Python 3.13 a writer quotes only those ends of lines that it writes itself; so it writes both.

    >>> from meta_noise.disk.csv_lines import csv_line
    >>> csv_line(("a\nb", "c\rd", 1.5))
    '"a\nb","c\rd",1.5'
    """
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return sink.getvalue().removesuffix("\r\n")
