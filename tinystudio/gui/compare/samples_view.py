"""The samples that not all variants answer alike, as pictures, curves, text or numbers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QStackedLayout,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from tinystudio.core.data_preview import DataPreview, read_preview
from tinystudio.gui import theme, wording
from tinystudio.gui.compare.card_layout import card_needs, lay_out_cards
from tinystudio.gui.compare.classes_view import empty_label
from tinystudio.gui.compare.sample_card import Card
from tinystudio.gui.compare.sample_cards import CARD_ROLE, CardDelegate
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.sample_tiles import Tile, tiles_of
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.comparison import Comparison
from tinystudio.session.baseline import ORIGINAL
from tinystudio.session.comparison_tables import kind_words, samples_table

ALL = "All changes"
GIVEN, WANTED = "given", "wanted"


class SamplesView(QWidget):
    """Cards that wrap, walked through by the arrow keys; above them which kind of change."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Comparison | None = None
        self.cards: tuple[Card, ...] = ()
        self.choice, self._note, self._empty = ChoiceBox(), QLabel(), empty_label()
        self.list, self._model = QListView(), QStandardItemModel(self)
        self._painter, self._needs = CardDelegate(self), card_needs((), self.font())
        self._lay_out()
        self.choice.currentIndexChanged.connect(self._fill)

    def _lay_out(self) -> None:
        self.choice.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToContents)
        self.choice.setAccessibleName(tr("Which changes are shown"))
        set_role(self._note, "muted")
        self._note.setWordWrap(True)
        view = self.list
        view.setModel(self._model)
        view.setItemDelegate(self._painter)
        view.setAccessibleName(tr("Samples that changed"))
        view.setFlow(QListView.Flow.LeftToRight)
        view.setWrapping(True)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setUniformItemSizes(True)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.viewport().installEventFilter(self)
        theme.switch().theme_changed.connect(view.viewport().update)
        bar = QHBoxLayout()
        bar.addWidget(self.choice)
        bar.addWidget(self._note, 1)
        page = QWidget()
        body = QVBoxLayout(page)
        body.setContentsMargins(GRID, GRID, GRID, GRID)
        body.addLayout(bar)
        body.addWidget(view, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(page)

    def show_comparison(self, found: Comparison) -> None:
        """Show these samples, the new mistakes first."""
        self._found = found
        self._pages.setCurrentIndex(1 if found.changed else 0)
        self._empty.setText(tr(found.why.get("samples", "")))
        self.cards = _cards(found)
        self.choice.blockSignals(True)
        self.choice.clear()
        for kind in (ALL, *dict.fromkeys(item.kind for item in found.changed)):
            self.choice.addItem(tr(kind_words(kind)), kind)
        self.choice.blockSignals(False)
        self._note.setText(tr(" ".join(part for part in (_note(found), _drawn(found)) if part)))
        self._fill()

    @property
    def as_csv(self) -> str:
        """Return the samples as CSV text."""
        return "" if self._found is None else samples_table(self._found).csv

    @Slot()
    def _fill(self) -> None:
        wanted = self.choice.currentData()
        self._model.clear()
        self.list.ensurePolished()  # its font is that of the style's sheet, which words need
        self._needs = card_needs(self.cards, self.list.font())
        for card in self.cards:
            if wanted not in (ALL, card.sample.kind):
                continue
            item = QStandardItem()
            item.setEditable(False)
            item.setData(card, CARD_ROLE)
            item.setAccessibleText(tr(card.words))
            item.setToolTip(tr(card.lines))
            self._model.appendRow(item)
        self._fit()
        self.list.scrollToTop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit the cards again when the list has become wider or narrower."""
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Give the cards all the width there is, in as many columns as have room."""
        # With the bar's width: whether it comes must change nothing. A list lays its items out
        # for the room beside a bar of the style's own width, whatever the bar that is drawn.
        frame, bar = 2 * self.list.frameWidth(), self.list.verticalScrollBar()
        wide = self.list.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, bar)
        room = self.list.width() - frame - max(bar.sizeHint().width(), wide) - 1
        layout = lay_out_cards(self.cards, self._needs, max(room, 1))
        if layout != self._painter.layout:
            self._painter.layout = layout
            self.list.scheduleDelayedItemsLayout()


def _note(found: Comparison) -> str:
    first = ORIGINAL if found.titles[0] == "original" else found.titles[0]
    against = f"Compared with {first}. Numbers count all of the data."
    if not found.class_rows:
        count = wording.plural(len(found.changed), "sample")
        return f"{count} of {found.changed_in_all:,} whose score changed most. {against}"
    new = sum(item.kind == "new mistake" for item in found.changed)
    shown = f"{len(found.changed):,} of {wording.plural(found.changed_in_all, 'changed sample')}"
    count = wording.plural(new, "new mistake")
    told = f"{count} first" if new else "no new mistakes"
    return f"{shown}, {told}. {against}"


def _drawn(found: Comparison) -> str:
    """Say what is drawn of a sample, where that is not all of it."""
    shown = read_preview(found.pictures)
    return shown.drawn if shown is not None else ""


def _cards(found: Comparison) -> tuple[Card, ...]:
    shown = read_preview(found.pictures)
    if found.outputs:
        return _pictured(found, shown)
    tiles: list[tuple[Tile, ...]] = [()] * len(found.changed)
    contents = [""] * len(found.changed)
    if shown is not None:
        drawn = tiles_of(shown)
        if len(drawn) == len(found.changed):
            tiles = [(tile,) for tile in drawn]
        else:
            contents = _contents(shown, len(found.changed))
    return tuple(
        Card(item, found.titles, found.metric, tile, ("",) * len(tile), content)
        for item, tile, content in zip(found.changed, tiles, contents, strict=True)
    )


def _pictured(found: Comparison, shown: DataPreview | None) -> tuple[Card, ...]:
    """Return cards with what is given, what is wanted, and what every variant made of it."""
    previews = [shown, read_preview(found.truths), *(read_preview(path) for path in found.outputs)]
    names = (GIVEN, WANTED, *found.titles)
    rows = [
        (name, tiles_of(preview))
        for name, preview in zip(names, previews, strict=True)
        if preview is not None and len(preview.samples) == len(found.changed)
    ]
    return tuple(
        Card(
            item, found.titles, found.metric, tuple(tiles[at] for _, tiles in rows),
            tuple(name for name, _ in rows),
        )
        for at, item in enumerate(found.changed)
    )  # fmt: skip


def _contents(shown: DataPreview, count: int) -> list[str]:
    """Return samples in words: a text, or the numbers of a row by their names."""
    if shown.kind == "text" and len(shown.samples) == count:
        return [item.text for item in shown.samples]
    if shown.kind == "rows" and len(shown.rows) == count:
        fed = [at for at in range(len(shown.columns)) if at != shown.target]
        return ["  ".join(row[at] for at in fed) for row in shown.rows]
    return [""] * count
