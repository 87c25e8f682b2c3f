r"""What people read in a terminal: text that does nothing but be read.

File names, headers, class names and messages that quote them come from anywhere. An escape sequence would move the
cursor, a control of direction turn a name around, and the markup of the library that prints (`[b]`, `:dog:`) change or
break what is shown. So all that this package prints goes through here: hidden characters are printed as escapes, as on
pages, markup as it is written, and what the encoding of the terminal lacks as an escape, too.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from meta_noise.visible import visible

LONGEST_CELL = 40  # characters


def open_console(of_errors: bool = False) -> Console:
    """Returns a console on standard output, or on standard error, that takes every text as it is."""
    return Console(stderr=of_errors, markup=False, emoji=False, highlight=False, soft_wrap=True)


def usual_console() -> Console:
    """Returns a console for who calls from Python: it prints in a notebook or a terminal, and nowhere else."""
    console = open_console()
    console.quiet = not (console.is_terminal or console.is_jupyter)
    return console


def say(console: Console, text: str) -> None:
    """Prints one line, however long, which only a notebook wraps; ends of lines inside it are printed as escapes."""
    console.print(Text(inert(console, text)), soft_wrap=not console.is_jupyter)


def say_table(
    console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()
) -> None:
    """Prints a table; cells longer than `LONGEST_CELL` are cut.

    Args:
        console: where to.
        columns: K titles.
        rows: K texts each.
        right: titles of the columns that are flush right, such as those of numbers.
    """
    table = Table()
    for title in columns:
        table.add_column(Text(inert(console, title)), justify="right" if title in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(console, text)) for text in row))
    console.print(table, soft_wrap=False)


def inert(console: Console, text: str) -> str:
    """Returns the text with hidden characters, and those that the console cannot encode, as escapes."""
    return visible(text).encode(console.encoding, "backslashreplace").decode(console.encoding)


def _cell(console: Console, text: str) -> str:
    text = inert(console, text)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + inert(console, "…")
