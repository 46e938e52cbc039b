"""What each variant is worth and costs, and how every two of them differ."""

from __future__ import annotations

import re
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tinystudio.gui import wording
from tinystudio.gui.compare.result_table import ResultTable
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.comparison import Comparison
from tinystudio.session.comparison_tables import Table, Words, figures_table, pairs_table

WORDS = Words(
    size=lambda size: wording.size_text(size, 3),
    latency_ms=lambda time: wording.latency_text(time, 3),
    count=wording.count_text,
)
ROW_HEIGHT, TWO_LINES = 23, 38  # pixels: both tables whole on a small screen
IN_ONE_LINE = 3  # variants, for whose figures a small screen has room with their intervals
PAIRS = "Every two of them, on the same samples. Where the interval holds 0 it is a tie."
_BEHIND = re.compile(r" (?=\()|, (?=[\d.]+×|same)")  # an interval, how many times smaller


class FiguresView(QWidget):
    """Two tables, one above the other."""

    def __init__(self) -> None:
        super().__init__()
        self.table = ResultTable("Figures of the variants", is_sorted=False, row_height=ROW_HEIGHT)
        self.pairs = ResultTable(
            "Differences of every two variants", is_sorted=False, row_height=ROW_HEIGHT
        )
        self.pairs.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # both of a pair are named
        self._why = QLabel()
        self._why.setWordWrap(True)
        set_role(self._why, "muted")
        body = QVBoxLayout(self)
        body.setContentsMargins(GRID, GRID, GRID, GRID)
        body.setSpacing(GRID)
        body.addWidget(self.table, 9)
        body.addWidget(self._why)
        body.addWidget(self.pairs, 1)  # which scrolls where there is no room for both

    def show_comparison(self, found: Comparison) -> None:
        """Show these figures."""
        table = figures_table(found, WORDS)
        shown = _in_two_lines(table) if len(found.titles) > IN_ONE_LINE else table
        self.table.show_table(shown, table)
        for row, texts in enumerate(shown.texts):
            has_two = any("\n" in text for text in texts)
            self.table.setRowHeight(row, TWO_LINES if has_two else ROW_HEIGHT)
        self.table.setMaximumHeight(self.table.whole_height)
        pairs = pairs_table(found)
        self.pairs.show_table(_with_its_interval(pairs), pairs)
        self._why.setText(tr(found.why.get("pairs", PAIRS)))
        self.pairs.setVisible(bool(found.pairs))

    @property
    def as_csv(self) -> str:
        """Return both tables as CSV text."""
        return f"{self.table.as_csv}\n{self.pairs.as_csv}"


def _with_its_interval(pairs: Table) -> Table:
    """Return the same with change, interval and verdict in one cell, as they stand above.

    In columns of their own they leave the names so little room that two pairs look alike.
    """
    rows = tuple(
        (pair, replace(change, text=f"{change.text} ({interval.text}) {verdict.text}"), *rest)
        for pair, change, interval, verdict, *rest in pairs.rows
    )
    return replace(pairs, heads=(*pairs.heads[:2], *pairs.heads[4:]), rows=rows)


def _in_two_lines(table: Table) -> Table:
    """Return the same with what stands behind a figure below it."""
    rows = tuple(
        tuple(replace(cell, text=_BEHIND.sub("\n", cell.text)) for cell in row)
        for row in table.rows
    )
    return replace(table, rows=rows)
