"""Which rows are trusted: a column of the data, or a second file read as the data is."""

import os
from pathlib import Path
from typing import Any

from meta_noise.data.own.columns import Roles, find_roles
from meta_noise.data.own.inputs import Inputs, read_inputs
from meta_noise.data.own.names import LABEL, TRUE_LABEL, Asked, existing, plain
from meta_noise.data.own.opening import open_table
from meta_noise.data.own.rows import Rows, parse_rows
from meta_noise.data.own.table import Table
from meta_noise.data.own.trusted_rows import joined
from meta_noise.errors import DataNotFoundError


def trusted_form(trusted: Any, table: Table) -> tuple[str | None, Any]:
    """Returns the name of a trusted column ("" for none, None to guess) and the second file or frame, or None."""
    if trusted is None or (isinstance(trusted, str) and (not trusted or trusted in table.columns)):
        return trusted, None
    if isinstance(trusted, str) and not Path(trusted).exists():
        if not Path(trusted).suffix:
            existing(table, trusted)
        raise DataNotFoundError(
            f"trusted={trusted!r} is neither a column of {table.where} ({', '.join(table.columns)}) nor a file."
        )
    return None, os.fspath(trusted) if isinstance(trusted, os.PathLike) else trusted


def with_trusted_file(rows: Rows, table: Table, roles: Roles, data: Any) -> tuple[Rows, list[str]]:
    """Returns the rows with those of a trusted file joined, what is wrong with any kept as bad, and what was done.

    Its columns are those of the first file where it has them; of several columns of labels, one named as true counts.
    Image paths begin in its own folder or else in that of the first file.
    """
    extra = open_table(data)
    extra = extra._replace(folders=(*extra.folders, *table.folders))
    extra_roles, _ = find_roles(extra, _asked(extra, roles), (*TRUE_LABEL, plain(roles.label), *LABEL))
    if extra_roles.kind != roles.kind or (roles.kind == "table" and extra_roles.inputs != roles.inputs):
        extra_roles = extra_roles._replace(kind=None, inputs=())
    inputs = read_inputs(extra, extra_roles)
    parsed = parse_rows(extra, extra_roles, Inputs(inputs.values, {}, inputs.names), "trusted")
    together, found, added = joined(rows, parsed, inputs.bad, extra_roles.id is not None, table.where)
    return together, [
        f"Trusted labels are in column {extra_roles.label!r} of {extra.where}: {found:,} rows of {table.where} have "
        f"one, {added:,} rows were added."
    ]


def _asked(extra: Table, roles: Roles) -> Asked:
    """Returns the roles of the first file where the trusted file has such columns, and no inputs of another kind."""
    has_all = bool(roles.inputs) and all(name in extra.columns for name in roles.inputs)
    identity = roles.id if roles.id in extra.columns else None
    asked = Asked(image="", text="", features="", id=identity, trusted="", split="")
    if roles.kind == "table":
        return asked._replace(features=roles.inputs if has_all else None)
    field = {"images": "image", "texts": "text", "features": "features"}[str(roles.kind)]
    return asked._replace(**{field: roles.inputs[0] if has_all else None})
