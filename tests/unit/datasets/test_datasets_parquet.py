"""Parquet tables are read as tables are, and say what is missing where pyarrow is."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tinystudio.core.data import Dataset
from tinystudio.core.errors import UserError
from tinystudio.datasets import read_dataset

ROWS = 60


def columns() -> dict[str, list[object]]:
    draw = np.random.default_rng(0)
    return {
        "width": [float(value) for value in draw.normal(size=ROWS).round(3)],
        "count": [int(value) for value in draw.integers(0, 9, ROWS)],
        "ripe": [bool(value) for value in draw.integers(0, 2, ROWS)],
        "colour": [str(value) for value in draw.choice(["red", "green"], ROWS)],
        "label": [str(value) for value in draw.choice(["apple", "pear"], ROWS)],
    }


def written(folder: Path, columns: dict[str, list[object]], name: str = "t.parquet") -> Path:
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    parquet.write_table(pyarrow.table(columns), folder / name)
    return folder / name


def same(one: Dataset, other: Dataset) -> bool:
    return one.fingerprint == other.fingerprint


def test_it_is_the_same_data_as_the_same_table_in_text(tmp_path: Path) -> None:
    known = columns()
    path = written(tmp_path, known)
    text = {**known, "ripe": [int(bool(value)) for value in known["ripe"]]}
    lines = [",".join(map(str, row)) for row in zip(*text.values(), strict=True)]
    (tmp_path / "t.csv").write_text("\n".join([",".join(text), *lines]))
    assert same(read_dataset(path, 0), read_dataset(tmp_path / "t.csv", 0))
    assert read_dataset(path, 0).settings["target"] == "label"
    assert read_dataset(path, 0).format == "parquet"


def test_settings_of_tables_hold(tmp_path: Path) -> None:
    dataset = read_dataset(f"{written(tmp_path, columns())}?target=width&left_out=label", 0)
    assert dataset.metric == "mean-absolute-error"
    assert dataset.train.inputs[0].shape[1] == 4  # count, ripe, green, red


def test_a_null_is_a_missing_value_and_its_row_is_named(tmp_path: Path) -> None:
    known = columns()
    known["width"][3] = None
    path = written(tmp_path, known)
    with pytest.raises(UserError) as found:
        read_dataset(path, 0)
    assert "Row 4: width is missing" in found.value.detail
    assert len(read_dataset(f"{path}?missing=median", 0).train) > 0


def test_lists_are_refused_unless_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, {**columns(), "many": [[1, 2]] * ROWS})
    with pytest.raises(UserError, match="was not read") as found:
        read_dataset(f"{path}?target=label", 0)
    assert "'many' holds list" in found.value.detail
    assert len(read_dataset(f"{path}?target=label&left_out=many", 0).test) > 0


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path, damage: str) -> None:
    path = written(tmp_path, columns())
    data = bytearray(path.read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    else:
        data[4:40] = bytes(36)
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"t\.parquet"):
        read_dataset(path, 0)


def test_where_pyarrow_is_missing_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError) as found:
        read_dataset(path, 0)
    assert "pyarrow" in found.value.detail
    assert "pip install tinystudio[parquet]" in found.value.hint
