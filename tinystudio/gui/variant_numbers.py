"""Variants as rows of plain numbers: for the plots' table and for CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from tinystudio.core.measurement import Interval, Measurement
from tinystudio.session.marks import ProjectVariant

HEADINGS = (
    "title", "series", "metric", "score", "score_low", "score_high", "samples", "split",
    "size_bytes", "latency_ms", "latency_low_ms", "latency_high_ms", "latency_ratio", "verdict",
)  # fmt: skip
Cell = str | int | float | None


def rows(variants: Iterable[ProjectVariant]) -> list[tuple[Cell, ...]]:
    """Return one row per variant, in the order of `HEADINGS` and the measurement's own units."""
    return [_row(item.title, item.variant.series, item.measurement) for item in variants]


def as_csv(variants: Iterable[ProjectVariant]) -> str:
    """Return the rows as CSV text with its headings."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    writer.writerows(rows(variants))
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


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return interval if interval is not None else (None, None)
