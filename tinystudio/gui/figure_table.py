"""Figures as a table to take away: for a spreadsheet, and as a table for a text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QMimeData

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.session.baseline import baseline_words
from tinystudio.session.marks import ProjectVariant

HEADINGS = ("variant", "{metric}", "90 % interval", "change", "size", "against {baseline}",
            "latency", "speed")  # fmt: skip
Named = tuple[str, Measurement]


def table_of(shown: Sequence[Named], baseline: ProjectVariant | None) -> list[tuple[str, ...]]:
    """Return a row of words for each, under `HEADINGS`, which name the baseline."""
    name = baseline_words(baseline)
    before = None if baseline is None else baseline.measurement
    metrics = {figures.metric for _, figures in shown}
    metric = wording.metric_title(metrics.pop()) if len(metrics) == 1 else "score"
    heads = tuple(heading.format(baseline=name, metric=metric) for heading in HEADINGS)
    return [heads, *(_row(title, figures, before) for title, figures in shown)]


def _row(title: str, figures: Measurement, baseline: Measurement | None) -> tuple[str, ...]:
    is_baseline = figures is baseline
    before = None if baseline is None or is_baseline else baseline.size_bytes
    size, latency = figures.size_bytes, figures.latency_ms
    return (
        title,
        wording.score_text(figures),
        wording.score_interval_text(figures),
        "" if is_baseline else wording.score_change(figures).text,
        wording.NO_FIGURE if size is None else wording.size_text(size, 3),
        wording.size_change(size, before).text,
        wording.NO_FIGURE if latency is None else wording.latency_text(latency, 3),
        "" if is_baseline else wording.speed_change(figures).text,
    )


def as_clipboard(rows: Sequence[Sequence[str]]) -> QMimeData:
    """Return the rows as text with tabs between cells, and as a table."""
    data = QMimeData()
    data.setText("\n".join("\t".join(row) for row in rows) + "\n")
    head, *body = rows
    lines = [_line(head, "th"), *(_line(row, "td") for row in body)]
    data.setHtml(f"<table border='1' cellspacing='0' cellpadding='4'>{''.join(lines)}</table>")
    return data


def _line(row: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in row)}</tr>"
