"""Variants as rows of plain numbers: for the plots' table and for CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from tinystudio.core.measurement import Interval, Measurement
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.marks import ProjectVariant

HEADINGS = (
    "title", "series", "metric", "score", "score_low", "score_high", "samples", "split",
    "size_bytes", "latency_ms", "latency_low_ms", "latency_high_ms", "latency_ratio", "verdict",
)  # fmt: skip
Cell = str | int | float | None


def rows(
    variants: Iterable[ProjectVariant], imported: Iterable[DevicePoint] = ()
) -> list[tuple[Cell, ...]]:
    """Return one row per variant, in the order of `HEADINGS` and the measurement's own units.

    What was measured on other devices stands below, marked so in the column of series.
    """
    items = {item.id: item for item in variants}
    mine = [_row(it.title, it.variant.series, it.measurement) for it in items.values()]
    return [*mine, *(_imported(it, items[it.variant]) for it in imported if it.variant in items)]


def as_csv(variants: Iterable[ProjectVariant], imported: Iterable[DevicePoint] = ()) -> str:
    """Return the rows as CSV text with its headings."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    writer.writerows(rows(variants, imported))
    return text.getvalue()


def cell_text(cell: Cell) -> str:
    """Return a cell for the table on the screen."""
    if isinstance(cell, float):
        return f"{cell:.6g}"
    return "" if cell is None else str(cell)


def _row(title: str, series: str, figures: Measurement) -> tuple[Cell, ...]:
    low, high = _ends(figures.score_interval)
    fast, slow = _ends(figures.latency_interval_ms)
    return (
        title, series, figures.metric, figures.score, low, high, figures.samples, figures.split,
        figures.size_bytes, figures.latency_ms, fast, slow, figures.latency_ratio, figures.verdict,
    )  # fmt: skip


def _imported(point: DevicePoint, item: ProjectVariant) -> tuple[Cell, ...]:
    figures = Measurement(
        metric=item.measurement.metric,
        latency_ms=point.latency_ms,
        size_bytes=None if point.size_bytes is None else round(point.size_bytes),
    )
    return _row(item.title, point.words, figures)


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return interval if interval is not None else (None, None)
