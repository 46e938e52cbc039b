"""Draws changed samples as cards of a list: how each looks, and what the variants made of it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tinystudio.gui import theme
from tinystudio.gui.compare.card_layout import (
    BETWEEN,
    CAPTION,
    GAP,
    LINE,
    POINTS,
    CardLayout,
    card_font,
    shortened_answer,
    tile_room,
)
from tinystudio.gui.compare.sample_card import Answer, Card
from tinystudio.gui.sample_tiles import MARGIN
from tinystudio.gui.texts import tr
from tinystudio.session.comparison_tables import kind_tone

CARD_ROLE = int(Qt.ItemDataRole.UserRole)
SIDE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class CardDelegate(QStyledItemDelegate):
    """Paints the cards, all with one `layout`; their tiles draw themselves."""

    layout = CardLayout()

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return what every card takes."""
        return self.layout.size

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
        self._draw_tiles(painter, card, area)
        left, top = self._words_begin(card)
        self._draw_words(painter, card, area.adjusted(left, top, -GAP, -GAP + 2))
        painter.restore()

    def _words_begin(self, card: Card) -> tuple[int, int]:
        """Return how far from the left and the top of a card its words are."""
        if not card.tiles:
            return GAP, GAP - 2
        size, layout = tile_room(card.tiles[0]), self.layout
        if not layout.is_stacked:
            return GAP + len(card.tiles) * (size.width() + GAP), GAP - 2
        rows = -(-len(card.tiles) // layout.tiles_across)
        height = size.height() + (CAPTION if any(card.captions) else 0)
        return GAP, GAP - 2 + rows * (height + GAP)

    def _draw_tiles(self, painter: QPainter, card: Card, area: QRectF) -> None:
        """Draw the tiles side by side, in as many rows as they need."""
        colours = theme.current()
        caption_height = CAPTION if any(card.captions) else 0
        for at, (tile, caption) in enumerate(zip(card.tiles, card.captions, strict=True)):
            size = tile_room(tile)
            row, column = divmod(at, max(self.layout.tiles_across, 1))
            place = QRectF(
                area.left() + GAP + column * (size.width() + GAP),
                area.top() + GAP - 2 + row * (size.height() + caption_height + GAP),
                size.width(), size.height(),
            )  # fmt: skip
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.surface))
            painter.drawRoundedRect(place, MARGIN, MARGIN)
            painter.save()
            tile.draw(painter, place.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN))
            painter.restore()
            if caption:
                below = QRectF(place.left(), place.bottom(), place.width(), CAPTION)
                _line(painter, below, caption, colours.muted, card_font(painter.font()))

    def _draw_words(self, painter: QPainter, card: Card, area: QRectF) -> None:
        colours, font = theme.current(), card_font(painter.font())
        tones = {"good": colours.good_text, "bad": colours.bad_text, "": colours.text}
        line = QRectF(area.left(), area.top(), area.width(), LINE)
        bold = card_font(font, is_bold=True)
        _line(painter, line, card.kind, tones[kind_tone(card.sample)], bold)
        if card.content:
            line.translate(0, LINE)
            fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            fixed.setPointSizeF(POINTS)
            # The end of a text is what is to be gone on with.
            _line(painter, line, card.content, colours.text, fixed, Qt.TextElideMode.ElideLeft)
        line.translate(0, LINE)
        # What the sample is stands at the end.
        _line(painter, line, card.heading, colours.muted, font, Qt.TextElideMode.ElideMiddle)
        for answer in card.answers:
            line.translate(0, LINE)
            self._draw_answer(painter, line, answer, tones[answer.tone], font)

    def _draw_answer(
        self, painter: QPainter, area: QRectF, answer: Answer, colour: str, font: QFont
    ) -> None:
        """Draw who said it, and in a column of their own the answers."""
        middle, names = Qt.TextElideMode.ElideMiddle, self.layout.title_width
        named = QRectF(area.left(), area.top(), names - BETWEEN, area.height())
        _line(painter, named, answer.named, colour, font, middle)
        said = area.adjusted(names, 0, 0, 0)
        shown = shortened_answer(answer, QFontMetrics(font), int(said.width()))
        _line(painter, said, shown, colour, font, middle)


def _line(
    painter: QPainter, area: QRectF, text: str, colour: str, font: QFont,
    mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:  # fmt: skip
    """Draw one line; what has no room is in the card's tooltip."""
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = painter.fontMetrics().elidedText(tr(text), mode, int(area.width()))
    painter.drawText(area, SIDE, shown)
