"""Prints a report's page as PDF, in a process of its own that needs no display.

`python -m tinystudio --print-report PAGE.html OUTPUT.pdf`
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
)

import tinystudio
from tinystudio.gui.number_marks import unbroken
from tinystudio.gui.printed_pictures import with_pictures

MARGIN_MM = 16
POINTS_A_INCH = 72
FOOT_POINTS = 18
ROOM_POINTS = 44  # below a heading, for it to stay where it is
LARGEST_WHOLE = 0.5  # of a sheet: a table no higher is not broken over two


def main(argv: list[str]) -> int:
    """Print the page named first to the file named second; return the exit code."""
    page, output = Path(argv[0]), Path(argv[1])
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication(sys.argv[:1])
    try:
        print_page(page.read_text(encoding="utf-8"), output)
    except OSError as error:
        sys.stderr.write(f"{error.strerror or error}\n")
        return 1
    finally:
        application.quit()
    return 0


def print_page(page: str, output: Path) -> None:
    """Lay a page out on A4 and write it; every sheet has its number."""
    writer = QPdfWriter(str(output))
    writer.setResolution(POINTS_A_INCH)
    writer.setCreator(f"TinyStudio {tinystudio.__version__}")
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, margins,
            QPageLayout.Unit.Millimeter,
        )
    )  # fmt: skip
    area = QRectF(writer.pageLayout().paintRectPoints())
    sheet = QSizeF(area.width(), area.height() - FOOT_POINTS)
    document = laid_out(page, sheet, writer)
    writer.setTitle(document.metaInformation(QTextDocument.MetaInformation.DocumentTitle))
    painter = QPainter(writer)
    for number in range(document.pageCount()):
        if number:
            writer.newPage()
        draw_sheet(document, painter, sheet, number)
    painter.end()


def laid_out(page: str, sheet: QSizeF, on: QPaintDevice) -> QTextDocument:
    """Return a page broken into sheets of this many points, for what has 72 dots an inch."""
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.documentLayout().setPaintDevice(on)
    document.setPageSize(sheet)
    document.setHtml(with_pictures(unbroken(page), document))
    document.setPageSize(sheet)  # setHtml forgets it
    _keep_headings_with_text(document, sheet.height())
    _keep_tables_whole(document, sheet.height())
    return document


def _keep_headings_with_text(document: QTextDocument, height: float) -> None:
    """Begin a new sheet before every heading that would be the last of its sheet."""
    block = document.begin()
    while block.isValid():
        if block.blockFormat().headingLevel() > 0:
            bottom = document.documentLayout().blockBoundingRect(block).bottom()
            if height - bottom % height < ROOM_POINTS:
                _begin_sheet_with(block)
        block = block.next()


def _keep_tables_whole(document: QTextDocument, height: float) -> None:
    """Begin a new sheet before every small table that would be torn, with what stands above it."""
    for frame in document.rootFrame().childFrames():
        if not isinstance(frame, QTextTable):
            continue
        place = document.documentLayout().frameBoundingRect(frame)
        first = document.findBlock(frame.firstPosition() - 1)  # its caption
        top = document.documentLayout().blockBoundingRect(first).top()
        is_torn = top // height != (place.bottom() - 1) // height
        if not is_torn or place.height() > height * LARGEST_WHOLE:
            continue
        while first.previous().isValid() and first.previous().blockFormat().headingLevel() > 0:
            first = first.previous()
        _begin_sheet_with(first)


def _begin_sheet_with(block: QTextBlock) -> None:
    document = block.document()
    broken = block.blockFormat()
    broken.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
    QTextCursor(block).setBlockFormat(broken)
    # Qt moves what follows without laying it out again: it would lie one on the other.
    document.markContentsDirty(0, document.characterCount())


def draw_sheet(document: QTextDocument, painter: QPainter, sheet: QSizeF, number: int) -> None:
    """Draw one sheet, counted from 0, and its number at the foot."""
    painter.save()
    painter.translate(0, -number * sheet.height())
    shown = QRectF(0, number * sheet.height(), sheet.width(), sheet.height())
    painter.setClipRect(shown)
    document.drawContents(painter, shown)
    painter.restore()
    foot = QRectF(0, sheet.height(), sheet.width(), FOOT_POINTS)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
    painter.drawText(foot, int(right), f"{number + 1} / {document.pageCount()}")
