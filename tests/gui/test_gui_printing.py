"""A report on sheets of paper."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QImage, QTextDocument

from tinystudio.gui.printing import ROOM_POINTS, laid_out
from tinystudio.reports.style import PAPER

SHEET = QSizeF(504, 752)
LINES = "".join(f"<li>What was done, in words: {n}.</li>" for n in range(12))
ROWS = "".join(f"<tr><th>Name {n}</th><td>value {n}</td></tr>" for n in range(9))
SECTION = f"<h2>Section</h2><p>Words.</p><ul>{LINES}</ul><h3>Part</h3><table>{ROWS}</table>"


def laid(above: int) -> QTextDocument:
    """Return a page of sections below so many lines."""
    ruler = QImage(1, 1, QImage.Format.Format_ARGB32)
    ruler.setDotsPerMeterX(2835)
    ruler.setDotsPerMeterY(2835)
    lines = "".join(f"<p>Line {n}</p>" for n in range(above))
    page = f"<html><style>{PAPER}</style><body>{lines}{SECTION * 6}</body></html>"
    return laid_out(page, SHEET, ruler)


def tops(document: QTextDocument) -> list[tuple[str, float]]:
    """Return all blocks with their places."""
    found, block = [], document.begin()
    while block.isValid():
        place = document.documentLayout().blockBoundingRect(block)
        found.append((block.text(), place.top()))
        block = block.next()
    return found


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("above", [2, 9, 16])
def test_what_follows_a_heading_on_a_new_sheet_lies_where_it_belongs(above: int) -> None:
    document = laid(above)
    found = tops(document)
    document.markContentsDirty(0, document.characterCount())
    assert found == tops(document)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("above", [2, 9, 16])
def test_no_heading_is_the_last_of_its_sheet(above: int) -> None:
    document = laid(above)
    block, seen = document.begin(), 0
    while block.isValid():
        if block.blockFormat().headingLevel():
            bottom = document.documentLayout().blockBoundingRect(block).bottom()
            assert SHEET.height() - bottom % SHEET.height() >= ROOM_POINTS
            seen += 1
        block = block.next()
    assert seen == 12
