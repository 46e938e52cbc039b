"""Reads a picture of a widget: its pixels, its ground, how well what is on it stands out."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget

Pixels = npt.NDArray[np.uint8]  # (height, width, 3): red, green, blue
Colour = tuple[int, int, int]


class Picture:
    """A picture of a widget; places and boxes are in the widget's own pixels."""

    def __init__(self, widget: QWidget) -> None:
        image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        self._per_pixel = image.devicePixelRatio()
        buffer = np.frombuffer(bytes(image.constBits()), dtype=np.uint8)
        whole = buffer.reshape(image.height(), image.bytesPerLine() // 4, 4)
        self._pixels: Pixels = whole[:, : image.width(), 2::-1]

    def at(self, place: QPoint) -> Colour:
        """Return the colour of a pixel."""
        return _colour(self._pixels[round(place.y() * self._per_pixel),
                                    round(place.x() * self._per_pixel)])  # fmt: skip

    def box(self, box: QRect) -> Pixels:
        """Return the pixels inside a box."""
        ends = (box.top(), box.top() + box.height(), box.left(), box.left() + box.width())
        top, bottom, left, right = (max(0, round(end * self._per_pixel)) for end in ends)
        return self._pixels[top:bottom, left:right]

    def around(self, place: QPoint, reach: int) -> Pixels:
        """Return the pixels at most `reach` away to each side."""
        corner = QPoint(reach, reach)
        return self.box(QRect(place - corner, place + corner))


def ground(pixels: Pixels) -> Colour:
    """Return the colour that most of the pixels have."""
    colours, counts = _colours(pixels)
    return colours[int(np.argmax(counts))]


def best_contrast(pixels: Pixels) -> float:
    """Return the contrast (WCAG 2) between the ground and what stands out from it most.

    The edges of letters are smoothed, so this is what the eye gets, not what the theme says.
    """
    colours, counts = _colours(pixels)
    behind = colours[int(np.argmax(counts))]
    return max(contrast(colour, behind) for colour in colours)


def _colours(pixels: Pixels) -> tuple[list[Colour], npt.NDArray[np.intp]]:
    """Return every colour there is, and how many pixels have it."""
    whole = pixels.reshape(-1, 3).astype(np.uint32) @ np.array((1 << 16, 1 << 8, 1), np.uint32)
    packed, counts = np.unique(whole, return_counts=True)  # of numbers: far faster than of rows
    return [(one >> 16, one >> 8 & 255, one & 255) for one in packed.tolist()], counts


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2, relative luminance)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def share_like(pixels: Pixels, colour: str, within: int = 40) -> float:
    """Return the share of pixels whose channels all lie within that many steps of a colour."""
    wanted = np.array(rgb(colour), dtype=np.int16)
    apart = np.abs(pixels.reshape(-1, 3).astype(np.int16) - wanted).max(axis=1)
    return float((apart <= within).mean())


def rgb(colour: str) -> Colour:
    """Return a colour of the theme as three numbers."""
    found = QColor(colour)
    return found.red(), found.green(), found.blue()


def mixed(colour: QColor, behind: Colour) -> Colour:
    """Return how a colour that lets through looks on its ground."""
    front = (colour.red(), colour.green(), colour.blue())
    red, green, blue = (
        round(one * colour.alphaF() + other * (1 - colour.alphaF()))
        for one, other in zip(front, behind, strict=True)
    )
    return red, green, blue


def is_like(one: Colour, colour: str, within: int = 12) -> bool:
    """Say whether a pixel has a colour of the theme."""
    return all(abs(a - b) <= within for a, b in zip(one, rgb(colour), strict=True))


@functools.cache
def _luminance(colour: Colour) -> float:
    shares = np.array(colour, dtype=np.float64) / 255
    linear = np.where(shares <= 0.03928, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def _colour(pixel: Any) -> Colour:
    red, green, blue = (int(channel) for channel in pixel)
    return red, green, blue
