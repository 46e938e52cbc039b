"""How boxes are coloured: by kinds and precisions in colours of their own, by figures in shades."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor

from tinystudio.gui.diagram.facts import PORT, BoxFacts, ColourBy
from tinystudio.gui.theme import Theme

SHADE = 0.62  # of the colour in the fullest box: words on it still read
DARK_SHADE = 0.42
PLAIN = 0.16  # of a kind's colour in its boxes


def kind_colour(kind: str, colours: Theme) -> str:
    """Return the colour of a kind of layer or of a precision."""
    known = {
        "convolution": colours.blue, "linear": colours.green, "recurrent": colours.yellow,
        "pooling": colours.sky, "joining": colours.pink, "normalization": colours.orange,
        "float": colours.faint, "8 bits": colours.sky, "INT8": colours.orange,
        "4 bits": colours.green, "3 bits": colours.pink, "16 bits": colours.blue,
    }  # fmt: skip
    return known.get(kind, colours.faint)


def fills(boxes: Sequence[BoxFacts], by: ColourBy, colours: Theme) -> tuple[QColor, ...]:
    """Return the ground of every box."""
    most = max((box.value for box in boxes if box.value is not None), default=0.0)
    known: dict[tuple[str, str, float | None], QColor] = {}  # boxes are many, their looks are few
    found = []
    for box in boxes:
        look = (box.kind, box.value_text if by == "precision" else "", box.value)
        if look not in known:
            known[look] = _fill(box, by, max(most, 1e-12), colours)
        found.append(known[look])
    return tuple(found)


def shade(share: float, colours: Theme) -> QColor:
    """Return the ground for a figure that is such a share of the greatest one."""
    full = DARK_SHADE if colours.is_dark else SHADE
    return mixed(colours.surface, colours.orange, full * min(1.0, max(0.0, share)))


def mixed(ground: str, colour: str, share: float) -> QColor:
    """Return a ground with so much of a colour in it."""
    a, b = QColor(ground), QColor(colour)
    rest = 1 - share
    return QColor.fromRgbF(
        a.redF() * rest + b.redF() * share,
        a.greenF() * rest + b.greenF() * share,
        a.blueF() * rest + b.blueF() * share,
    )


def _fill(box: BoxFacts, by: ColourBy, most: float, colours: Theme) -> QColor:
    if box.kind == PORT:
        return QColor(colours.sunken)
    if by in ("kind", "precision"):
        name = box.kind if by == "kind" else box.value_text
        return mixed(colours.surface, kind_colour(name, colours), PLAIN if name else 0.0)
    return shade((box.value or 0.0) / most, colours)
