"""Label tables: any changed byte of the file is found, or changes no cell."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from meta_noise.disk.sealed import DamageError
from meta_noise.disk.tables import check_seal, digest, sealed

TABLE = pa.table(
    {
        "id": pa.array(["a", "", "ccc", None]),
        "x": pa.array([1.5, None, float("nan"), 0.0]),
        "is": pa.array([True, False, None, True]),
        "n": pa.array(np.arange(4, dtype=np.int32)),
    }
).replace_schema_metadata({"class_names": '["a"]'})


def test_the_seal_survives_slices_chunks_and_parquet(tmp_path):
    table = sealed(TABLE)
    check_seal(table)
    longer = pa.concat_tables([TABLE.slice(3), TABLE, TABLE.slice(0, 2)])
    assert digest(longer.slice(1, 4)) == digest(TABLE)
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=3)
    check_seal(pq.read_table(tmp_path / "a.parquet"))


@pytest.mark.parametrize(
    "other",
    [
        TABLE.set_column(0, "id", pa.array(["a", "c", "cc", None])),
        TABLE.set_column(0, "id", pa.array(["a", None, "ccc", None])),
        TABLE.set_column(3, "n", pa.array(np.arange(4, dtype=np.int64))),
        TABLE.replace_schema_metadata({"class_names": '["b"]'}),
        TABLE.slice(1),
        TABLE.select(["x", "id", "is", "n"]),
    ],
)
def test_other_tables_have_other_digests(other):
    assert digest(other) != digest(TABLE)
    with pytest.raises(DamageError):
        check_seal(other)
