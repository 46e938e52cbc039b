"""Prints a report's page as PDF, in a process of its own that needs no display.

`python -m tinystudio --print-report PAGE.html OUTPUT.pdf`
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from PySide6.QtCore import QByteArray, QMarginsF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer

import tinystudio
from tinystudio.gui.number_marks import unbroken

MARGIN_MM = 16
POINTS_A_INCH = 72
DOTS_A_INCH = 300  # of pictures; text and lines are no dots
FOOT_POINTS = 18
ROOM_POINTS = 44  # below a heading, for it to stay where it is
PICTURE_WIDTH = 320  # of 96 an inch, as pages count; two stand beside one another
MARK_SIZE = 12
PAGE_DOTS_A_INCH = 96
PICTURE = re.compile(r"<svg .*?viewBox='0 0 (\d+) (\d+)'.*?</svg>", re.DOTALL)
LARGEST_MARK = 40  # a picture that is no wider stands in a line of text


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
    document.setHtml(_with_pictures(unbroken(page), document))
    document.setPageSize(sheet)  # setHtml forgets it
    _keep_headings_with_text(document, sheet.height())
    return document


def _keep_headings_with_text(document: QTextDocument, height: float) -> None:
    """Begin a new sheet before every heading that would be the last of its sheet."""
    block = document.begin()
    while block.isValid():
        if block.blockFormat().headingLevel() > 0:
            bottom = document.documentLayout().blockBoundingRect(block).bottom()
            if height - bottom % height < ROOM_POINTS:
                cursor = QTextCursor(block)
                broken = block.blockFormat()
                broken.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
                cursor.setBlockFormat(broken)
                # Qt moves what follows without laying it out again: it would lie one on the other.
                document.markContentsDirty(0, document.characterCount())
        block = block.next()


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


def _with_pictures(page: str, document: QTextDocument) -> str:
    """Return the page with images in the places of drawings, which the document now knows."""
    count = 0

    def replaced(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        width, height = int(found[1]), int(found[2])
        wide = MARK_SIZE if width <= LARGEST_MARK else PICTURE_WIDTH
        name = f"picture:{count}"
        image = _rendered(found[0], wide * DOTS_A_INCH // PAGE_DOTS_A_INCH, width, height)
        document.addResource(QTextDocument.ResourceType.ImageResource, QUrl(name), image)
        return f'<img src="{name}" width="{wide}" height="{round(wide * height / width)}">'

    return PICTURE.sub(replaced, page)


def _rendered(drawing: str, dots: int, width: int, height: int) -> QImage:
    image = QImage(dots, round(dots * height / width), QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter)
    painter.end()
    return image
