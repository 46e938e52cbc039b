"""The plots' numbers as a table, for those who read better than they look."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem

from tinystudio.gui.texts import tr
from tinystudio.gui.variant_numbers import HEADINGS, Cell, cell_text, rows
from tinystudio.gui.wording import metric_title
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.marks import ProjectVariant


class NumberTable(QTableWidget):
    """Every variant in the measurement's own units, as the CSV has it."""

    def __init__(self) -> None:
        super().__init__(0, len(HEADINGS))
        self._name_heads(set())
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self._is_fitted = False  # once, to the first contents: the user may pull columns then
        self.setAccessibleName(tr("The plots' numbers"))
        self.setTabKeyNavigation(False)  # Tab leads out; arrows go among cells

    def show_variants(
        self, variants: Iterable[ProjectVariant], imported: Iterable[DevicePoint] = ()
    ) -> None:
        """Show these variants, and what was measured of them on other devices."""
        items = list(variants)
        found = rows(items, imported)
        self._name_heads({item.measurement.metric for item in items})
        self.setRowCount(len(found))
        for line, row in enumerate(found):
            for column, cell in enumerate(row):
                self.setItem(line, column, _item(cell))
        if found and not self._is_fitted:
            self._is_fitted = True
            self.resizeColumnsToContents()

    def _name_heads(self, metrics: set[str]) -> None:
        """Call the score by its metric, where all have the same."""
        name = metric_title(next(iter(metrics))) if len(metrics) == 1 else "score"
        heads = (head.replace("_", " ") for head in HEADINGS)
        self.setHorizontalHeaderLabels(
            [tr(head.replace("score", name) if "score" in head else head) for head in heads]
        )


def _item(cell: Cell) -> QTableWidgetItem:
    item = QTableWidgetItem(tr(cell_text(cell)))
    side = Qt.AlignmentFlag.AlignLeft if isinstance(cell, str) else Qt.AlignmentFlag.AlignRight
    item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return item
