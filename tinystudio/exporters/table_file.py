"""CSV: the figures of every variant, one row each, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tinystudio.core.errors import UserError
from tinystudio.core.files import write_whole
from tinystudio.core.measurement import Measurement
from tinystudio.core.params import Params, switch
from tinystudio.exporters.exporter import Exporter, Subject

# A cell that begins so would be carried out as a formula when a spreadsheet opens the file.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class TableParams(Params):
    """What the table holds."""

    conditions: bool = switch(
        True,
        title="Conditions",
        help="Add columns that say on which CPU, with which versions and when the figures were "
        "taken. Figures from different conditions should not be compared.",
    )


class TableExporter(Exporter[TableParams]):
    """A table of all figures: accuracy, size, speed, memory, energy, with their intervals.

    Every figure has a column that says whether it was measured, predicted or estimated; an
    interval has two columns, low and high. One row per variant, the original first.
    """

    id = "csv"
    title = "Table of measurements (CSV)"
    suffix = ".csv"
    params = TableParams
    runs_here = False

    def write(self, subject: Subject, params: TableParams, output: Path) -> tuple[Path, ...]:
        """Write one row per measurement, in the order given; raises `UserError` without any."""
        if not subject.measurements:
            raise UserError(
                f"{output.name} was not written",
                "Nothing has been measured that could stand in the table.",
                "Measure variants in a project first, then export from there.",
            )
        rows = [
            {"title": title, **dict(_cells(figures, params.conditions))}
            for title, figures in subject.measurements
        ]
        text = io.StringIO(newline="")
        columns = ["title", *(name for name, _ in _cells(Measurement(), params.conditions))]
        table = csv.DictWriter(text, columns, lineterminator="\n")
        table.writeheader()
        table.writerows({name: _safe(cell) for name, cell in row.items()} for row in rows)
        # The mark tells Excel that this is UTF-8; everything else reads past it.
        write_whole(output, text.getvalue().encode("utf-8-sig"))
        return (output,)


def _cells(figures: Measurement, with_conditions: bool) -> Iterator[tuple[str, Any]]:
    """Return the columns and cells of one measurement; the columns are always the same."""
    for name in Measurement.model_fields:
        value = getattr(figures, name)
        if name == "conditions":
            if with_conditions:
                yield from ((f"condition_{key}", _flat(cell)) for key, cell in value)
        elif "interval" in name:
            low, high = value if value is not None else (None, None)
            yield f"{name}_low", low
            yield f"{name}_high", high
        elif name == "throughput":
            yield name, "; ".join(f"{it.batch}: {it.samples_per_s:.6g}/s" for it in value)
        elif name == "per_class":
            yield name, "; ".join(f"{item.name}: {item.accuracy:.4f}" for item in value)
        else:
            yield name, _flat(value)


def _flat(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, tuple) else value


def _safe(cell: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would take for a formula."""
    starts_formula = isinstance(cell, str) and cell.startswith(FORMULA_STARTS)
    return f"'{cell}" if starts_formula else cell
