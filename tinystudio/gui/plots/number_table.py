"""The plots' numbers as a table, for those who read better than they look."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QTableWidget, QTableWidgetItem

from tinystudio.gui.variant_numbers import HEADINGS, cell_text, rows
from tinystudio.session.marks import ProjectVariant


class NumberTable(QTableWidget):
    """Every variant in the measurement's own units, as the CSV has it."""

    def __init__(self) -> None:
        super().__init__(0, len(HEADINGS))
        self.setHorizontalHeaderLabels([name.replace("_", " ") for name in HEADINGS])
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.setColumnWidth(0, 200)
        self.setAccessibleName("The plots' numbers")

    def show_variants(self, variants: Iterable[ProjectVariant]) -> None:
        """Show these variants."""
        found = rows(variants)
        self.setRowCount(len(found))
        for line, row in enumerate(found):
            for column, cell in enumerate(row):
                self.setItem(line, column, QTableWidgetItem(cell_text(cell)))
