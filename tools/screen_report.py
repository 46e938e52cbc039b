"""The first sheets of a report as they are printed, drawn as pictures."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import QImage, QPainter

from tinystudio.core.errors import UserError
from tinystudio.gui.photographer import Photographer
from tinystudio.gui.printing import FOOT_POINTS, draw_sheet, laid_out
from tinystudio.reports.page import html_report
from tinystudio.reports.style import PAPER
from tinystudio.reports.subject import report_subject

SHEET = QSizeF(504, 752)  # points: what an A4 page has inside the printer's margins
MARGIN = 45  # points
SCALE = 1.5  # pixels to a point
SHEETS = 3
DOTS_A_METRE = round(72 / 0.0254)


def report_sheets(photographer: Photographer) -> Iterator[QImage]:
    """Yield the first sheets of the report on the open model; none where it has no figures."""
    try:
        subject = report_subject(photographer.parts.studio.session)
    except UserError:
        return
    ruler = QImage(1, 1, QImage.Format.Format_ARGB32)
    _count_in_points(ruler)
    document = laid_out(html_report(subject, PAPER), SHEET, ruler)
    for number in range(min(SHEETS, document.pageCount())):
        width = SHEET.width() + 2 * MARGIN
        height = SHEET.height() + FOOT_POINTS + 2 * MARGIN
        image = QImage(round(width * SCALE), round(height * SCALE), QImage.Format.Format_ARGB32)
        _count_in_points(image)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(SCALE, SCALE)
        painter.translate(MARGIN, MARGIN)
        draw_sheet(document, painter, SHEET, number)
        painter.end()
        yield image


def _count_in_points(image: QImage) -> None:
    """Let letters be as large as on a device that has a dot for every point."""
    image.setDotsPerMeterX(DOTS_A_METRE)
    image.setDotsPerMeterY(DOTS_A_METRE)
