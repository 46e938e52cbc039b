"""Tables of numbers and categories: CSV and TSV."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from tinystudio.core.data import Dataset
from tinystudio.core.delimited import has_decimal_commas, read_cells
from tinystudio.core.params import Params, choice
from tinystudio.core.table_reading import ColumnUse, TableReading, TableSource
from tinystudio.datasets.format import DataFormat, Request


class _Writing(Params):
    """How the cells of a text table are written."""

    separator: Literal["guess", "comma", "semicolon", "tab", "pipe"] = choice(
        "guess", title="Separator", help="What stands between two cells.",
        titles={
            "guess": "guess", "comma": "comma", "semicolon": "semicolon", "tab": "tab",
            "pipe": "vertical bar",
        },
    )  # fmt: skip
    header: Literal["guess", "yes", "no"] = choice(
        "guess", title="Header", titles={"guess": "guess", "yes": "yes", "no": "no"},
        help="Whether the first line names the columns. Without names: column 1, and so on.",
    )  # fmt: skip
    decimal: Literal["guess", "point", "comma"] = choice(
        "guess", title="Decimal mark", titles={"guess": "guess", "point": "1.5", "comma": "1,5"},
        help="A comma is only possible where something else separates the cells.",
    )  # fmt: skip
    encoding: Literal["utf-8", "windows-1252"] = choice(
        "utf-8", title="Encoding", titles={"utf-8": "UTF-8", "windows-1252": "Windows (1252)"},
        help="How letters are stored.", advanced=True,
    )  # fmt: skip


class TableSettings(ColumnUse, _Writing):
    """How a table is read: as it is written, and what its columns are for."""


class Table(DataFormat):
    """A table (.csv, .tsv) with one sample per line: columns of numbers or categories, a target.

    Separator, header, target and task are guessed and can be set. Rows are cut 60/20/20 into train,
    validation and test by the seed, classes spread evenly; with a group column no group is in two
    splits. Classes named by text are numbered as the setting or the model's file says, else by
    name; whole numbers in their order, unless the model has as many outputs as they count.
    Numbers to be told (amounts) are judged by the mean absolute error.

    The model is fed the columns in the order of the file, or of `features`, as they are or
    standardized by the training rows; a category is one input per value. Cells that are empty, NA,
    NaN, null or ? are missing.
    """

    id: ClassVar[str] = "table"
    title: ClassVar[str] = "Table"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv")
    params: ClassVar[type[TableSettings]] = TableSettings

    def recognizes(self, path: Path) -> bool:
        """Say whether the name ends in .csv or .tsv."""
        return path.suffix.lower() in self.suffixes

    def read(self, request: Request) -> Dataset:
        """Read, split and encode; raises `UserError` that names line and column."""
        given = request.settings
        assert isinstance(given, TableSettings)
        cells = read_cells(
            request.path, request.title, request.reporter, given.separator, given.header,
            given.encoding,
        )  # fmt: skip
        comma = given.decimal == "comma"
        if given.decimal == "guess":
            comma = has_decimal_commas(cells)
        settled = given.model_copy(
            update={
                "separator": cells.separator,
                "header": "yes" if cells.has_header else "no",
                "decimal": "comma" if comma else "point",
            }
        )
        source = TableSource(
            request.path.stem, request.title, request.seed, request.wanted, cells, settled, comma
        )
        return TableReading(source).dataset()
