"""What a diagnosis found: a sentence, the steps, the layers at fault, and what mends it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.gui.closing import closing_row
from tinystudio.gui.number_marks import grouped
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.diagnosis import Cause, Diagnosis

WIDTH = 620
ROW_HEIGHT = 26
MOST_ROWS = 8  # shown without scrolling
STEP_TITLES = ("After", "Score", "Change")
CAUSE_TITLES = ("Layer", "What of it", "Gives back", "Share", "File")
PADDING = 16  # pixels, added to a column
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class DiagnosisCard(QDialog):
    """A window beside the work; `remedy_taken` carries the proposed recipe."""

    remedy_taken = Signal(object)  # Recipe

    def __init__(self, found: Diagnosis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found, self._is_share = found, wording.is_share_metric(found.metric)
        self.setWindowTitle(tr("Diagnosis"))
        self.setMinimumWidth(WIDTH)
        body = QVBoxLayout(self)
        body.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        body.setSpacing(2 * GRID)
        body.addWidget(_text(tr(found.sentence), "heading"))
        told = f"Measured on {grouped(found.samples)} validation samples."
        body.addWidget(_text(tr(told), "muted"))
        body.addWidget(_table("Scores after every step", STEP_TITLES, self._step_rows()))
        if found.causes:
            body.addWidget(
                _text(tr("What comes back where one of them alone is left as it was"), "")
            )
            rows = [self._cause_row(cause) for cause in found.causes]
            body.addWidget(_table("Layers at fault", CAUSE_TITLES, rows))
        if found.remedy is not None:
            body.addLayout(self._remedy())
        buttons = closing_row(self)
        body.addWidget(buttons)

    def _step_rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        before: float | None = None
        for step in self._found.steps:
            change = "" if before is None else self._change(step.score - before)
            rows.append((step.title, self._score(step.score), change))
            before = step.score
        return rows

    def _cause_row(self, cause: Cause) -> tuple[str, ...]:
        size = wording.size_text(abs(cause.cost_bytes))
        sign = "+" if cause.cost_bytes >= 0 else wording.MINUS
        return (
            cause.layer,
            cause.what,
            self._change(cause.points),
            f"{100 * cause.share:.0f} %",
            f"{sign}{size}",
        )

    def _remedy(self) -> QVBoxLayout:
        found = self._found
        button = QPushButton(tr(found.remedy_title))
        set_role(button, "primary")
        button.setToolTip(tr("Change the recipe so. Ctrl+Z takes it back."))
        button.clicked.connect(self._on_taken)
        words = "Not measured: it trains."
        if found.remedy_score is not None:
            words = f"{self._score(found.remedy_score)} on the same samples, measured."
        row = QHBoxLayout()
        row.addWidget(button)
        row.addStretch(1)
        whole = QVBoxLayout()
        whole.addLayout(row)
        whole.addWidget(_text(tr(words), "muted"))
        return whole

    def _on_taken(self) -> None:
        self.remedy_taken.emit(self._found.remedy)
        self.close()

    def _score(self, score: float) -> str:
        return wording.score_text(Measurement(metric=self._found.metric, score=score))

    def _change(self, change: float) -> str:
        return wording.signed(100 * change) if self._is_share else wording.signed(change, 3)


def _text(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    if role:
        set_role(label, role)
    return label


def _table(name: str, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> QTableWidget:
    table = QTableWidget(len(rows), len(titles))
    table.setAccessibleName(tr(name))
    table.setTabKeyNavigation(False)  # Tab leads out; arrows go among cells
    table.setHorizontalHeaderLabels([tr(x) for x in titles])
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            item = QTableWidgetItem(tr(text))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setToolTip(tr(text))
            if column >= len(row) - (2 if len(row) == 3 else 3):
                item.setTextAlignment(RIGHT)
            table.setItem(at, column, item)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column in range(1, len(titles)):
        table.setColumnWidth(column, table.sizeHintForColumn(column) + PADDING)
        least = header.sectionSizeHint(column) + PADDING
        table.setColumnWidth(column, max(table.columnWidth(column), least))
    table.setFixedHeight(ROW_HEIGHT * (min(len(rows), MOST_ROWS) + 1) + GRID)
    return table
