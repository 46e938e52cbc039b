"""How each class fares in each variant, the one that lost most first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from tinystudio.gui.compare.result_table import ResultTable
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.comparison import Comparison
from tinystudio.session.comparison_tables import classes_table


class ClassesView(QWidget):
    """A table, or why there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.table = ResultTable("Classes")
        self._note, self._empty = QLabel(), empty_label()
        set_role(self._note, "muted")
        self._note.setWordWrap(True)
        page = QWidget()
        body = QVBoxLayout(page)
        body.setContentsMargins(GRID, GRID, GRID, GRID)
        body.addWidget(self._note)
        body.addWidget(self.table, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(page)

    def show_comparison(self, found: Comparison) -> None:
        """Show these classes."""
        self._pages.setCurrentIndex(1 if found.class_rows else 0)
        self._empty.setText(tr(found.why.get("classes", "")))
        self.table.show_table(classes_table(found))
        self._note.setText(
            tr(
                f"Share of right answers; changes in points against {found.titles[0]}, "
                "the class that lost most first."
            )
        )

    @property
    def as_csv(self) -> str:
        """Return the table as CSV text."""
        return self.table.as_csv


def empty_label() -> QLabel:
    """Return the words in place of a view that has nothing to show."""
    label = QLabel()
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    set_role(label, "muted")
    return label
