"""Tables in Parquet files; needs the optional package pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tinystudio.core.data import Dataset
from tinystudio.core.delimited import CHECK_EVERY, Cells, listed
from tinystudio.core.params import Params
from tinystudio.core.table_reading import ColumnUse, TableReading, TableSource
from tinystudio.datasets.format import DataFormat, Request

if TYPE_CHECKING:
    import pyarrow

MOST_CELLS = 20_000_000  # as text they take about a gigabyte
SIMPLE = "numbers, texts, dates and yes or no"


class Parquet(DataFormat):
    """A Parquet file (.parquet) with one sample per row: columns of numbers or categories.

    Read as a table is: target, features, group and the order of classes can be set; rows are cut
    60/20/20 into train, validation and test. Missing values are nulls. Columns of lists or of
    structures are refused unless they are left out.

    Needs the package pyarrow, which is not part of the program: pip install tinystudio[parquet].
    """

    id: ClassVar[str] = "parquet"
    title: ClassVar[str] = "Parquet table"
    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    params: ClassVar[type[Params]] = ColumnUse

    def recognizes(self, path: Path) -> bool:
        """Say whether the name ends in .parquet."""
        return path.suffix.lower() in self.suffixes

    def read(self, request: Request) -> Dataset:
        """Read, split and encode; raises `UserError` that names row and column."""
        use = request.settings
        assert isinstance(use, ColumnUse)
        cells = _cells(request, use)
        source = TableSource(
            request.path.stem, request.title, request.seed, request.wanted, cells, use
        )
        return TableReading(source).dataset()


def _cells(request: Request, use: ColumnUse) -> Cells:
    """Return all cells as text, in the form of a table that was written so."""
    table = _opened(request)
    unread = set(listed(use.left_out))
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        request.reporter.check()
        is_read = name not in unread
        columns.append(list(_words(name, column, request)) if is_read else [""] * len(column))
    rows = tuple(zip(*columns, strict=True))
    return Cells(
        tuple(table.column_names), rows, tuple(range(1, len(rows) + 1)), "comma", True, "Row"
    )


def _opened(request: Request) -> pyarrow.Table:
    """Return the whole table."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise request.error(
            "Parquet files are read by the package pyarrow, which is not installed.",
            "Install it (pip install tinystudio[parquet]), or save the table as .csv.",
        ) from None
    try:
        with parquet.ParquetFile(request.path) as file:
            about, names = file.metadata, list(file.schema_arrow.names)
            if about.num_rows * len(names) > MOST_CELLS:
                raise request.error(
                    f"It has {about.num_rows:,} rows of {len(names)} columns.",
                    f"At most {MOST_CELLS:,} cells are read: leave rows or columns out.",
                )
            request.reporter.check()
            table = file.read(use_threads=False)
    except (pyarrow.ArrowException, OSError, ValueError, MemoryError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else "damaged"
        raise request.error(
            f"It is not a Parquet file that can be read ({reason.replace(str(request.path), '')}).",
            "Write it again, or save the table as .csv.",
        ) from None
    twice = [name for at, name in enumerate(names) if name in names[:at]]
    if twice:
        raise request.error(
            f"There are two columns {twice[0]!r}.", "Give every column a name of its own."
        )
    if not table.num_rows:
        raise request.error("It has no rows.", "Add rows: one per sample.")
    return table


def _words(name: str, column: Any, request: Request) -> Iterator[str]:
    """Yield a column's cells as a text table would have them; nothing for a null."""
    from pyarrow import types

    kind = column.type
    if types.is_dictionary(kind):
        kind = kind.value_type
    is_number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    is_known = (
        is_number
        or types.is_boolean(kind)
        or types.is_temporal(kind)
        or types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_null(kind)
    )
    if not is_known:
        raise request.error(
            f"The column {name!r} holds {column.type}.",
            f"Only {SIMPLE} can be read: leave the column out.",
        )
    for at, value in enumerate(column.to_pylist()):
        if at % CHECK_EVERY == 0:
            request.reporter.check()
        if value is None:
            yield ""
        elif isinstance(value, bool):
            yield "1" if value else "0"
        else:
            yield (repr(value) if isinstance(value, float) else str(value)).strip()
