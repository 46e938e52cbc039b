"""Drawings of a printed page, drawn as lines and letters: they stay sharp however near one looks.

Qt's documents know images made of dots alone. Here a drawing (SVG) takes the place of an image and
is drawn when its sheet is.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QByteArray, QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QPainter,
    QPyTextObject,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer

PICTURE_WIDTH = 324  # of 96 an inch, as pages count; two stand beside one another
MARK_SIZE = 12
PICTURE = re.compile(r"<svg .*?viewBox='0 0 (\d+) (\d+)'.*?</svg>", re.DOTALL)
LARGEST_MARK = 40  # a picture that is no wider stands in a line of text
POINTS_A_DOT = 72 / 96
NAME = "picture:"


def with_pictures(page: str, document: QTextDocument) -> str:
    """Return the page with images in the places of drawings, which the document draws itself."""
    drawings: list[QSvgRenderer] = []

    def replaced(found: re.Match[str]) -> str:
        width, height = int(found[1]), int(found[2])
        wide = MARK_SIZE if width <= LARGEST_MARK else PICTURE_WIDTH
        drawings.append(QSvgRenderer(QByteArray(found[0].encode())))
        name = f"{NAME}{len(drawings) - 1}"
        return f'<img src="{name}" width="{wide}" height="{round(wide * height / width)}">'

    told = PICTURE.sub(replaced, page)
    drawn = _Drawings(document, drawings)
    document.documentLayout().registerHandler(int(QTextFormat.ObjectTypes.ImageObject.value), drawn)
    return told


class _Drawings(QPyTextObject):
    """Draws what a document takes for images."""

    def __init__(self, document: QTextDocument, drawings: list[QSvgRenderer]) -> None:
        super().__init__(document)
        self._drawings = drawings

    def intrinsicSize(self, document: QTextDocument, position: int, what: QTextFormat) -> QSizeF:
        """Return the size in points."""
        image = what.toImageFormat()
        return QSizeF(image.width(), image.height()) * POINTS_A_DOT

    def drawObject(
        self,
        painter: QPainter,
        place: QRectF | QRect,
        document: QTextDocument,
        position: int,
        what: QTextFormat,
    ) -> None:
        """Draw it there."""
        number = int(what.toImageFormat().name().removeprefix(NAME))
        self._drawings[number].render(painter, QRectF(place))
