"""Shows what a few samples of data look like; what it shows is replaced while settings change."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tinystudio.core.data_preview import DataPreview, SampleShown
from tinystudio.gui import theme
from tinystudio.gui.sample_tiles import Tile, tiles_of
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.text_size import points
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

ROW_HEIGHT = 26
ROOM = 520  # pixels: three curves or six pictures, and there are up to three of a class
NARROWEST = 56  # pixels of a column
GONE = "The samples' pictures are no longer there. Read the data again to see them."


class PreviewPane(QWidget):
    """Tiles by class, or the first rows of a table, or text."""

    def __init__(self) -> None:
        super().__init__()
        self._note = QLabel()
        self._note.setWordWrap(True)
        self._shown: QWidget | None = None
        set_role(self._note, "muted")
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(GRID)
        self._body.addWidget(self._note)

    def show_preview(self, preview: DataPreview | None, also: str = "") -> None:
        """Show these samples in place of others, with a word on them; None: they are gone."""
        self._replace(None if preview is None else _widget_of(preview))
        parts = (GONE,) if preview is None else (preview.note, also)
        told = " ".join(part for part in parts if part)
        self._tell(told, "muted")

    def show_trouble(self, words: str) -> None:
        """Say why the settings as they are cannot be; what was shown last stays."""
        self._tell(words, "bad")

    def show_busy(self) -> None:
        """Say that other samples are on their way."""
        self._tell("Reading some samples with these settings…", "muted")

    def _tell(self, words: str, role: str) -> None:
        self._note.setText(tr(words))
        set_role(self._note, role)

    def _replace(self, widget: QWidget | None) -> None:
        if self._shown is not None:
            self._body.removeWidget(self._shown)
            self._shown.hide()
            self._shown.deleteLater()
        self._shown = widget
        if widget is not None:
            self._body.addWidget(widget)


def _widget_of(preview: DataPreview) -> QWidget:
    tiles = tiles_of(preview)
    if tiles:
        return _TileBoard(tiles, preview.channels)
    if preview.kind == "text":
        return _words(preview.samples)
    return _table(preview)


class _TileBoard(QWidget):
    """Tiles side by side, those of a class in one row, and what the curves' colours mean."""

    def __init__(self, tiles: Sequence[Tile], channels: Sequence[str]) -> None:
        super().__init__()
        self._grid = QGridLayout()
        self._grid.setSpacing(GRID // 2)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.addLayout(self._grid)
        if channels:
            body.addLayout(_key(channels))
        columns = ROOM // (tiles[0].width() + GRID // 2)
        for at, tile in enumerate(tiles):
            self._grid.addWidget(tile, at // columns, at % columns)


def _key(channels: Sequence[str]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(2 * GRID)
    for number, name in enumerate(channels):
        row.addWidget(_ChannelName(number, name))
    row.addStretch(1)
    return row


class _ChannelName(QLabel):
    """A channel's name in the colour of its curve, which follows the theme."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__(name)
        self._number = number
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._colour()
        theme.switch().theme_changed.connect(self._colour)

    def _colour(self) -> None:
        colour = theme.current().curve(self._number).colour
        self.setStyleSheet(f"color: {colour}; font-weight: 600; font-size: {points(8)};")


def _words(samples: Sequence[SampleShown]) -> QLabel:
    """Return lines of text, each with what is to be told behind an arrow."""
    label = QLabel("\n".join(f"{item.text} → {item.label}" for item in samples))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    label.setWordWrap(True)
    label.setAccessibleName(tr("Samples of the text"))
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _table(preview: DataPreview) -> QTableWidget:
    """Return the rows as they were read; the target stands out, what is not fed is faint."""
    table = QTableWidget(len(preview.rows), len(preview.columns))
    table.setAccessibleName(tr("The first rows as they were read"))
    table.setTabKeyNavigation(False)  # Tab leads out; arrows go among cells
    table.setHorizontalHeaderLabels(
        [_headed(preview, at, name) for at, name in enumerate(preview.columns)]
    )
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    head = table.horizontalHeader()
    head.setMinimumSectionSize(NARROWEST)
    head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for row, cells in enumerate(preview.rows):
        for column, cell in enumerate(cells):
            table.setItem(row, column, _cell(preview, column, cell))
    head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    head.setStretchLastSection(True)
    bar = table.horizontalScrollBar().sizeHint().height() if len(preview.columns) > 5 else 0
    table.setFixedHeight(ROW_HEIGHT * (len(preview.rows) + 1) + GRID + bar)
    return table


def _headed(preview: DataPreview, column: int, name: str) -> str:
    if column == preview.target and name != "label":
        return f"{name} (told)"
    return f"{name} (not fed)" if column in preview.unfed else name


def _cell(preview: DataPreview, column: int, words: str) -> QTableWidgetItem:
    item = QTableWidgetItem(words)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    if column == preview.target:
        font = QFont(item.font())
        font.setBold(True)
        item.setFont(font)
    if column in preview.unfed:
        item.setFlags(Qt.ItemFlag.ItemIsSelectable)  # drawn as what is off
    return item
