"""The data sets that can be downloaded: a list by area, and the card of the chosen one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.browser_model import RowRole
from tinystudio.gui.browser_rows import Row
from tinystudio.gui.download_card import DownloadCard, DownloadShown, size_words
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.gui.two_lines import TwoLines, row_heights

SIZE = (900, 600)
LIST_WIDTH = 280
ID = Qt.ItemDataRole.UserRole
OFFLINE = "There is no connection to the sources: what says “offline” cannot be downloaded now."
INTRO = "Data that cannot be built in. Nothing is fetched before you accept its licence."
MARKS = {"here": "on this computer", "partly": "in part", "running": "downloading",
         "stopping": "stopping"}  # fmt: skip


class DownloadSheet(QDialog):
    """A window beside the work. Signals carry a data set's id."""

    chosen = Signal(str)
    download_requested = Signal(str)
    stop_requested = Signal(str)
    attach_requested = Signal(str)
    removal_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._intro, self._list, self.card = QLabel(tr(INTRO)), QListWidget(), DownloadCard()
        self._shown: tuple[DownloadShown, ...] = ()
        self._rows: dict[str, QListWidgetItem] = {}
        self._close = QPushButton(tr("Close"))
        self._lay_out()
        self._connect()

    @property
    def current(self) -> str:
        """Return the id of the chosen data set; "" before one is."""
        item = self._list.currentItem()
        return "" if item is None else str(item.data(ID) or "")

    def show_all(self, shown: Sequence[DownloadShown]) -> None:
        """Show how all data sets stand."""
        self._shown = tuple(shown)
        if not self._rows:
            self._fill()
        for item in self._shown:
            self._name(self._rows[item.download.id], item)
        away = [item for item in self._shown if item.reason]
        self._intro.setText(tr(OFFLINE) if away and len(away) == len(self._shown) else tr(INTRO))
        self._show_current()

    def choose(self, id: str) -> None:
        """Choose a data set; the first where none is named."""
        row = self._rows.get(id) or next(iter(self._rows.values()), None)
        if row is not None:
            self._list.setCurrentItem(row)

    def _fill(self) -> None:
        area = ""
        for item in self._shown:
            if item.download.area != area:
                area = item.download.area
                heading = QListWidgetItem(tr(area))
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                heading.setData(RowRole.ROW, Row(f"area {area}", "area", "", area))
                self._list.addItem(heading)
            row = QListWidgetItem()
            row.setData(ID, item.download.id)
            self._rows[item.download.id] = row
            self._list.addItem(row)

    def _name(self, row: QListWidgetItem, shown: DownloadShown) -> None:
        download, mark = shown.download, MARKS.get(shown.stage, "")
        is_away = bool(shown.reason) and shown.stage in ("absent", "partly")
        # The size last: where a line is cut, the card beside it has that.
        facts = ["offline" * is_away, mark, "non-commercial use" * download.is_non_commercial,
                 size_words(download)]  # fmt: skip
        detail = " · ".join(fact for fact in facts if fact)
        drawn = Row(
            download.id, "network", download.reference, tr(download.title), detail, is_faint=is_away
        )
        if row.data(RowRole.ROW) != drawn:
            row.setData(RowRole.ROW, drawn)
            row.setText(tr(f"{download.title}, {detail}"))  # read aloud, and found by typing
            row.setToolTip(tr(shown.reason if is_away else ""))

    @Slot()
    def _show_current(self) -> None:
        for item in self._shown:
            if item.download.id == self.current:
                self.card.show_download(item)

    @Slot()
    def _on_current_changed(self) -> None:
        self._show_current()
        if self.current:
            self.chosen.emit(self.current)

    def _lay_out(self) -> None:
        self.setWindowTitle(tr("Download data"))
        self.resize(*SIZE)
        set_role(self._intro, "muted")
        self._intro.setWordWrap(True)
        self._list.setFixedWidth(LIST_WIDTH)
        self._list.setAccessibleName(tr("Data that can be downloaded"))
        self._list.setItemDelegate(_Rows(self._list))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._close.setAutoDefault(False)
        inside = QWidget()
        set_role(inside, "plain")
        around = QVBoxLayout(inside)
        around.setContentsMargins(0, 0, 2 * GRID, 0)
        around.addWidget(self.card)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setAccessibleName(tr("The chosen data set"))
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        columns = QHBoxLayout()
        columns.setSpacing(3 * GRID)
        columns.addWidget(self._list)
        columns.addWidget(scroll, 1)
        closing = QHBoxLayout()
        closing.addStretch(1)
        closing.addWidget(self._close)
        body = QVBoxLayout(self)
        body.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        body.setSpacing(2 * GRID)
        body.addWidget(self._intro)
        body.addLayout(columns, 1)
        body.addLayout(closing)

    def _connect(self) -> None:
        self._list.currentItemChanged.connect(self._on_current_changed)
        self._close.clicked.connect(self.accept)
        self.card.download_requested.connect(self._on_download)
        self.card.stop_requested.connect(self._on_stop)
        self.card.attach_requested.connect(self._on_attach)
        self.card.removal_requested.connect(self._on_removal)

    @Slot()
    def _on_download(self) -> None:
        self.download_requested.emit(self.current)

    @Slot()
    def _on_stop(self) -> None:
        self.stop_requested.emit(self.current)

    @Slot()
    def _on_attach(self) -> None:
        self.attach_requested.emit(self.current)

    @Slot()
    def _on_removal(self) -> None:
        self.removal_requested.emit(self.current)


class _Rows(TwoLines):
    """Knows how high they are by themselves: a list widget's items do not."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        row = index.data(RowRole.ROW)
        return row_heights(option.font)[isinstance(row, Row) and row.has_detail]
