"""What is kept on the disk as a list: sizes, what removing means, and a button that does it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui import wording
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.session.disk import DiskItem

WIDTH, HEIGHT = 640, 620
LOOKING = "Looking at the disk…"
NO_UNDO = "This cannot be undone. What is marked can be had again, at the cost named below it."
BUSY = "Jobs are running and use these files: wait until they have ended, or cancel them."


class DiskSheet(QDialog):
    """A window beside the work; `removal_requested` carries the ids of what is marked."""

    removal_requested = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Disk use"))
        self.resize(WIDTH, HEIGHT)
        self._total, self._note = QLabel(tr(LOOKING)), QLabel(tr(NO_UNDO))
        self._remove = QPushButton(tr("Remove what is marked"))
        self._boxes: dict[str, QCheckBox] = {}
        self._sizes: dict[str, int] = {}
        self._why_not = ""
        self._area = QScrollArea()
        self._lay_out()
        self._on_marked()

    def _lay_out(self) -> None:
        body = QVBoxLayout(self)
        body.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        body.setSpacing(2 * GRID)
        set_role(self._total, "heading")
        set_role(self._note, "muted")
        self._note.setWordWrap(True)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setAccessibleName(tr("What is kept on the disk"))
        set_role(self._remove, "primary")
        self._remove.clicked.connect(self._on_remove)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self._remove, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)
        for widget in (self._total, self._area, self._note, buttons):
            body.addWidget(widget, 1 if widget is self._area else 0)

    def show_items(self, items: Sequence[DiskItem], why_not: str = "") -> None:
        """Show these; what can be had again by itself is marked. `why_not`: nothing can go now."""
        self._why_not = why_not
        self._boxes, self._sizes = {}, {item.id: item.size_bytes for item in items}
        self._total.setText(tr(f"{wording.size_text(sum(self._sizes.values()))} in all"))
        rows = QWidget()
        grid = QGridLayout(rows)
        grid.setContentsMargins(GRID, GRID, GRID, GRID)
        grid.setVerticalSpacing(GRID)
        grid.setColumnStretch(0, 1)
        for at, item in enumerate(items):
            self._add_row(grid, 2 * at, item)
        grid.setRowStretch(2 * len(items), 1)
        self._area.setWidget(rows)
        self._widen(rows)
        self._note.setText(tr(why_not or NO_UNDO))
        self._on_marked()

    def _widen(self, rows: QWidget) -> None:
        """Take the width at which no size is cut, in a language of long words too."""
        needed = rows.minimumSizeHint().width() + self._area.verticalScrollBar().sizeHint().width()
        needed += 6 * GRID + 2 * self._area.frameWidth()  # the sheet's margins, the area's edges
        if needed > self.width():
            self.resize(min(needed, self.screen().availableSize().width()), self.height())

    def _add_row(self, grid: QGridLayout, row: int, item: DiskItem) -> None:
        size = wording.size_text(item.size_bytes)
        cost, amount = QLabel(tr(item.cost)), QLabel(size)
        cost.setWordWrap(True)
        set_role(cost, "muted")
        can_go = item.is_removable and item.size_bytes > 0
        box = QCheckBox(tr(item.title))
        box.setEnabled(can_go and not self._why_not)
        box.setChecked(box.isEnabled() and item.is_safe)
        box.setAccessibleName(tr(f"{item.title}, {size}"))
        box.setAccessibleDescription(tr(item.cost))
        box.setToolTip(tr(item.cost))
        box.toggled.connect(self._on_marked)
        self._boxes[item.id] = box
        cost.setIndent(_words_begin(box))
        amount.setEnabled(box.isEnabled())
        grid.addWidget(box, row, 0)
        grid.addWidget(amount, row, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(cost, row + 1, 0)

    @property
    def marked(self) -> list[str]:
        """Return the ids of what is marked."""
        return [id for id, box in self._boxes.items() if box.isChecked()]

    @Slot()
    def _on_marked(self) -> None:
        size = sum(self._sizes[id] for id in self.marked)
        self._remove.setEnabled(size > 0)
        words = f"Remove {wording.size_text(size)}" if size else "Remove what is marked"
        self._remove.setText(tr(words))

    @Slot()
    def _on_remove(self) -> None:
        self._remove.setEnabled(False)
        self.removal_requested.emit(self.marked)


def _words_begin(box: QCheckBox) -> int:
    """Return how far from its left edge the words of a check box begin, in pixels."""
    box.ensurePolished()
    option = QStyleOptionButton()
    option.initFrom(box)
    part = QStyle.SubElement.SE_CheckBoxContents
    return box.style().subElementRect(part, option, box).x()
