"""Variants side by side on a small screen: what one compares is whole."""

from __future__ import annotations

import pytest
from comparison_examples import comparison
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QTableWidget
from pytestqt.qtbot import QtBot

from tinystudio.core.data_preview import SampleShown
from tinystudio.gui.compare.card_layout import (
    GAP,
    card_font,
    card_needs,
    lay_out_cards,
    shortened_answer,
)
from tinystudio.gui.compare.sample_card import Card
from tinystudio.gui.panels.compare import ComparePanel
from tinystudio.gui.sample_tiles import CurvesTile
from tinystudio.jobs.comparison import Confusion, Said

LONG_CLASSES = tuple(f"{kind} {ground}" for kind in ("Damp", "Very dry") for ground in (
    "grey soil", "vegetation stubble", "cotton crop", "red soil", "meadow",
))  # fmt: skip


def test_on_a_small_screen_eight_rows_of_the_matrix_are_seen(
    qtbot: QtBot,
) -> None:
    panel = ComparePanel()
    qtbot.addWidget(panel)
    count = len(LONG_CLASSES)
    counts = tuple(tuple(range(count)) for _ in range(count))
    confusions = tuple(
        Confusion(truth=name, said=LONG_CLASSES[0], counts=(1, 2)) for name in LONG_CLASSES[1:]
    )
    found = comparison().model_copy(
        update={
            "class_names": LONG_CLASSES, "matrices": (counts, counts), "confusions": confusions,
        }
    )  # fmt: skip
    panel.resize(634, 500)  # what a window of 1280x800 leaves
    panel.show()
    panel.show_comparison(found)
    panel.tabs.setCurrentWidget(panel.confusions)
    matrix, table = panel.confusions.matrix, panel.confusions.table
    qtbot.waitUntil(lambda: _whole_rows(matrix) >= 8)
    assert _whole_rows(table) >= 2
    few = found.model_copy(
        update={"class_names": LONG_CLASSES[:6], "matrices": ((tuple(counts[0][:6]),) * 6,) * 2}
    )
    panel.show_comparison(few)
    qtbot.waitUntil(lambda: _whole_rows(matrix) == 6)
    assert _whole_rows(table) >= 2
    for at in range(6):
        for head in (matrix.horizontalHeaderItem(at), matrix.verticalHeaderItem(at)):
            assert head is not None and head.toolTip() == LONG_CLASSES[at]


def _whole_rows(table: QTableWidget) -> int:
    """Return how many rows are seen from top to bottom."""
    height = table.viewport().height()
    return sum(
        table.rowViewportPosition(row) + table.rowHeight(row) <= height
        for row in range(table.rowCount())
    )


@pytest.mark.parametrize("pictures", [0, 6])
def test_on_a_small_screen_every_answer_with_its_sureness_is_whole(pictures: int) -> None:
    titles = ("original", "channels −20 %", "INT8 at 30 calibration samples", "random channels")
    said = tuple(
        Said(words="Very damp grey soil", sure=0.44, is_right=at == 1) for at in range(len(titles))
    )
    changed = comparison().changed[0].model_copy(
        update={"truth": "Very damp grey soil", "said": said}
    )  # fmt: skip
    sample = SampleShown(label="", number=1, curves=((0.0, 1.0),))
    tiles = tuple(CurvesTile(sample, 0, 1) for _ in range(pictures))
    card = Card(changed, titles, "accuracy", tiles, ("given",) * pictures)
    room, font = 580, QFont()  # what a window of 1280x800 leaves
    needs = card_needs((card,), font)
    layout = lay_out_cards((card,), needs, room)
    metrics = QFontMetrics(card_font(font))
    left = layout.size.width() - 2 * GAP - layout.title_width
    assert layout.size.width() <= room
    assert layout.is_stacked == bool(pictures)
    for answer in card.answers:
        assert shortened_answer(answer, metrics, left) == answer.text
        assert answer.whole in card.lines  # what the tooltip says
    narrow = shortened_answer(card.answers[0], metrics, 90)
    assert "…" in narrow and narrow.endswith(", 44 % sure")
    assert lay_out_cards((card,), needs, 1400).columns >= (1 if pictures else 2)
