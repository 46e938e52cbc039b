"""Draws changed samples as cards of a list: how each looks, and what the variants made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tinystudio.gui import theme
from tinystudio.gui.sample_tiles import CAPTION as TILE_CAPTION
from tinystudio.gui.sample_tiles import MARGIN, Tile
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.comparison import ChangedSample
from tinystudio.session.comparison_tables import kind_tone, kind_words, said_text

CARD_ROLE = int(Qt.ItemDataRole.UserRole)
LINE = 17  # pixels
TEXT_WIDTH = 164  # at least: a card takes all the room of its column
CAPTION = 15
GAP = GRID
SIDE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Card:
    """One changed sample: its tiles with captions, or its content in words, and the answers."""

    sample: ChangedSample
    titles: tuple[str, ...]
    metric: str
    tiles: tuple[Tile, ...] = ()
    captions: tuple[str, ...] = ()
    content: str = ""

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Return what each variant made of it, with how that is to be read."""
        return tuple(
            (_line(title, said_text(said, self.metric)), _tone(said.is_right))
            for title, said in zip(self.titles, self.sample.said, strict=True)
        )

    @property
    def heading(self) -> str:
        """Return which sample it is."""
        label = f" · {self.sample.truth}" if self.sample.truth else ""
        return f"sample {self.sample.number}{label}"

    @property
    def words(self) -> str:
        """Return the whole card in words."""
        said = ", ".join(text for text, _ in self.lines)
        content = f", {self.content}" if self.content else ""
        return f"{self.kind}, {self.heading}{content}: {said}"

    @property
    def kind(self) -> str:
        """Return what happened to the sample, and with new mistakes whose they are."""
        if self.sample.kind != "new mistake":
            return kind_words(self.sample.kind)
        told = zip(self.titles[1:], self.sample.said[1:], strict=True)
        wrong = [title for title, said in told if said.is_right is False]
        return f"new mistake: {', '.join(wrong)}"


def _line(title: str, said: str) -> str:
    """Return what a variant said behind its title; the sign, where there is one, stands first."""
    sign, _, rest = said.partition(" ")
    whose = tr(title)
    return f"{sign} {whose}: {tr(rest)}" if sign in ("✓", "✕") else f"{whose}: {tr(said)}"


def _tone(is_right: bool | None) -> str:
    return "" if is_right is None else "good" if is_right else "bad"


def card_size(cards: Sequence[Card]) -> QSize:
    """Return the size that all cards of a list have."""
    if not cards:
        return QSize(TEXT_WIDTH, 3 * LINE)
    first = cards[0]
    height = (2 + len(first.titles) + bool(first.content)) * LINE + 2 * GAP
    width = TEXT_WIDTH + 2 * GAP
    if first.tiles:
        tile = _room(first.tiles[0])
        caption = CAPTION if any(first.captions) else 0
        height = max(height, tile.height() + caption + 2 * GAP)
        width += len(first.tiles) * (tile.width() + GAP)
    elif first.content:
        width += TEXT_WIDTH
    return QSize(width, height)


class CardDelegate(QStyledItemDelegate):
    """Paints the cards, all of one `size`; their tiles draw themselves."""

    size = QSize()

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return what every card takes."""
        return self.size

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:  # fmt: skip
        card = index.data(CARD_ROLE)
        if not isinstance(card, Card):
            return
        colours = theme.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect).adjusted(2, 2, -2, -2)
        state = option.state
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(QPen(QColor(colours.accent if is_chosen else colours.border), 1))
        painter.setBrush(QColor(colours.accent_soft if is_chosen else colours.sunken))
        painter.drawRoundedRect(area, MARGIN, MARGIN)
        left = self._draw_tiles(painter, card, area)
        self._draw_words(painter, card, area.adjusted(left, GAP - 2, -GAP, -GAP + 2))
        painter.restore()

    def _draw_tiles(self, painter: QPainter, card: Card, area: QRectF) -> float:
        """Draw the tiles side by side and return where the words begin."""
        left, colours = float(GAP), theme.current()
        for tile, caption in zip(card.tiles, card.captions, strict=True):
            size = _room(tile)
            place = QRectF(area.left() + left, area.top() + GAP - 2, size.width(), size.height())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.surface))
            painter.drawRoundedRect(place, MARGIN, MARGIN)
            painter.save()
            tile.draw(painter, place.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN))
            painter.restore()
            if caption:
                below = QRectF(place.left(), place.bottom(), place.width(), CAPTION)
                self._line(painter, below, caption, colours.muted)
            left += size.width() + GAP
        return left

    def _draw_words(self, painter: QPainter, card: Card, area: QRectF) -> None:
        colours = theme.current()
        tones = {"good": colours.good_text, "bad": colours.bad_text, "": colours.text}
        line = QRectF(area.left(), area.top(), area.width(), LINE)
        self._line(painter, line, card.kind, tones[kind_tone(card.sample)], is_bold=True)
        lines = [(card.heading, colours.muted, "")]
        lines += [
            (text, tones[tone], title)
            for title, (text, tone) in zip(card.titles, card.lines, strict=True)
        ]
        if card.content:
            line.translate(0, LINE)
            self._line(painter, line, card.content, colours.text, is_fixed=True)
        for text, colour, title in lines:
            line.translate(0, LINE)
            self._line(painter, line, text, colour, title=title)

    def _line(
        self, painter: QPainter, area: QRectF, text: str, colour: str, is_bold: bool = False,
        is_fixed: bool = False, title: str = "",
    ) -> None:  # fmt: skip
        """Draw one line; where there is no room for it, its `title` is cut to a half first."""
        font = QFont(painter.font())
        if is_fixed:
            font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(8.5)
        font.setBold(is_bold)
        painter.save()
        painter.setFont(font)
        painter.setPen(QColor(colour))
        # The end of a text is what is to be gone on with; of the rest the beginning tells.
        mode = Qt.TextElideMode.ElideLeft if is_fixed else Qt.TextElideMode.ElideRight
        metrics, room = painter.fontMetrics(), int(area.width())
        shown = tr(text)
        if title and metrics.horizontalAdvance(shown) > room:
            least = metrics.elidedText(tr(title), Qt.TextElideMode.ElideMiddle, room // 2)
            shown = shown.replace(tr(title), least, 1)
        shown = metrics.elidedText(shown, mode, room)
        painter.drawText(
            area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown
        )
        painter.restore()


def _room(tile: Tile) -> QSize:
    """Return the size of what a tile draws, without its own caption."""
    return QSize(tile.width(), tile.height() - TILE_CAPTION)
