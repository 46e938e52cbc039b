"""How large the cards of samples are, so that every answer with its sureness can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics

from tinystudio.gui.compare.sample_card import Answer, Card
from tinystudio.gui.sample_tiles import CAPTION as TILE_CAPTION
from tinystudio.gui.sample_tiles import Tile
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

LINE, CAPTION, GAP = 17, 15, GRID  # pixels
POINTS = 8.5
TEXT_WIDTH = 164  # pixels that words take at least
MOST_TITLE = 150  # pixels of a variant's name, where the whole ones make the card wider
MOST_KIND = 260  # pixels of what happened: after a colon it names variants that are named below
TITLE_SHARE = 0.4  # of the words' room that names take at most
HINTING = 2  # pixels that it may add to a line
BETWEEN = 6  # pixels between a name and what it said


@dataclass(frozen=True)
class CardLayout:
    """The size of each card of a list, and where its parts are; pixels."""

    columns: int = 1
    size: QSize = field(default_factory=QSize)
    tiles_across: int = 0  # tiles in one row
    is_stacked: bool = False  # the words stand below the tiles instead of beside them
    title_width: int = 0  # that of the variants' names, before their answers


@dataclass(frozen=True)
class CardNeeds:
    """How wide the words of cards are: names of variants, what they said, and all; pixels."""

    titles: int = 0
    answers: int = 0
    words: int = TEXT_WIDTH  # with no more of the names than they need


def card_font(base: QFont, is_bold: bool = False) -> QFont:
    """Return the font of a card's words."""
    font = QFont(base)
    font.setPointSizeF(POINTS)
    font.setBold(is_bold)
    return font


def tile_room(tile: Tile) -> QSize:
    """Return the size of what a tile draws, without its own caption."""
    return QSize(tile.width(), tile.height() - TILE_CAPTION)


def lay_out_cards(cards: Sequence[Card], needs: CardNeeds, room: int) -> CardLayout:
    """Return the layout of all cards in a list with this room across.

    In as many columns as leave every answer whole; where one column does not, the words go below
    the tiles, and only then are names cut, before answers are.
    """
    if not cards:
        return CardLayout(1, QSize(max(room, 1), 3 * LINE))
    first = cards[0]
    words, count, tile = needs.words, len(first.tiles), _tile_size(first)
    beside = 2 * GAP + count * (tile.width() + GAP) + words
    is_stacked = count > 1 and beside > room
    least = max(2 * GAP + words, tile.width() + 2 * GAP) if is_stacked else beside
    columns = max(1, room // least)
    width = max(room // columns, 1)
    across = count
    if is_stacked:
        across = max(1, min(count, (width - GAP) // (tile.width() + GAP)))
    rows = -(-count // across) if count else 0
    pictures = rows * (tile.height() + GAP)
    lines = (2 + len(first.titles) + bool(first.content)) * LINE
    height = 2 * GAP + (pictures + lines if is_stacked else max(lines, pictures - GAP))
    taken = 2 * GAP + (0 if is_stacked else count * (tile.width() + GAP))
    left = max(width - taken, 0)
    spare = max(left - needs.answers, min(MOST_TITLE, round(TITLE_SHARE * left)))
    named = min(needs.titles, spare)
    return CardLayout(columns, QSize(width, height), across, is_stacked, named)


def shortened_answer(answer: Answer, metrics: QFontMetrics, room: int) -> str:
    """Return an answer in this room: of a class that is too long the middle goes, never the rest.

    How sure the variant is stands behind it and stays.
    """
    whole = tr(answer.text)
    if metrics.horizontalAdvance(whole) <= room:
        return whole
    head, comma, tail = whole.rpartition(", ")
    kept = f"{comma}{tail}" if answer.is_sure and head else ""
    words = head if kept else whole
    left = max(room - metrics.horizontalAdvance(kept), 0)
    return f"{metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, left)}{kept}"


def card_needs(cards: Sequence[Card], font: QFont) -> CardNeeds:
    """Measure the words of all cards: once, and not for every width of the list."""
    if not cards:
        return CardNeeds()
    plain = QFontMetrics(card_font(font)).horizontalAdvance
    bold = QFontMetrics(card_font(font, is_bold=True)).horizontalAdvance
    widest = TEXT_WIDTH * (1 + bool(cards[0].content and not cards[0].tiles))
    titles, said = 0, 0
    for card in cards:
        widest = max(widest, plain(tr(card.heading)), min(bold(tr(card.kind)), MOST_KIND))
        for answer in card.answers:
            titles = max(titles, plain(answer.named) + BETWEEN + HINTING)
            said = max(said, plain(tr(answer.text)) + HINTING)
    widest = max(widest + HINTING, min(titles, MOST_TITLE) + said)
    return CardNeeds(titles, said, widest)


def _tile_size(card: Card) -> QSize:
    if not card.tiles:
        return QSize()
    size = tile_room(card.tiles[0])
    return QSize(size.width(), size.height() + (CAPTION if any(card.captions) else 0))
