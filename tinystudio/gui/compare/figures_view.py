"""What each variant is worth and costs, and how every two of them differ."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tinystudio.gui import wording
from tinystudio.gui.compare.result_table import ResultTable
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.theme import GRID
from tinystudio.jobs.comparison import Comparison
from tinystudio.session.comparison_tables import Words, figures_table, pairs_table

WORDS = Words(
    size=lambda size: wording.size_text(size, 3),
    latency_ms=lambda time: wording.latency_text(time, 3),
    count=wording.count_text,
)
PAIRS = "Every two of them, on the same samples. Where the interval holds 0 it is a tie."


class FiguresView(QWidget):
    """Two tables, one above the other."""

    def __init__(self) -> None:
        super().__init__()
        self.table = ResultTable("Figures of the variants", is_sorted=False)
        self.pairs = ResultTable("Differences of every two variants", is_sorted=False)
        self._why = QLabel()
        self._why.setWordWrap(True)
        set_role(self._why, "muted")
        body = QVBoxLayout(self)
        body.setContentsMargins(GRID, GRID, GRID, GRID)
        body.setSpacing(GRID)
        body.addWidget(self.table, 5)
        body.addWidget(self._why)
        body.addWidget(self.pairs, 3)

    def show_comparison(self, found: Comparison) -> None:
        """Show these figures."""
        self.table.show_table(figures_table(found, WORDS))
        self.pairs.show_table(pairs_table(found))
        self._why.setText(found.why.get("pairs", PAIRS))
        self.pairs.setVisible(bool(found.pairs))

    @property
    def as_csv(self) -> str:
        """Return both tables as CSV text."""
        return f"{self.table.as_csv}\n{self.pairs.as_csv}"
