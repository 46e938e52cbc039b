"""The columns of the layer table in which layers are compressed, and what they are sorted by."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.gui.curve_delegate import CURVE_ROLE, Spark
from tinystudio.gui.layer_levels import SHORT, Curve, LayerLevel
from tinystudio.gui.texts import tr
from tinystudio.solvers.precision import FILE_BITS

CHANNELS, BITS, ACCURACY, TIME, SWITCH = "Channels", "Bits", "Accuracy", "Time", "On"
LEVEL_COLUMNS = (CHANNELS, BITS, ACCURACY, TIME, SWITCH)
LEAST_WIDTHS = {CHANNELS: 104, BITS: 90, ACCURACY: 64, TIME: 64, SWITCH: 44}  # pixels
HEADS = {  # what the columns are called; the names above are how they are found
    CHANNELS: "Channels kept", BITS: "Bits", ACCURACY: "{metric}",
    TIME: "Time (µs)", SWITCH: "Compressed",
}  # fmt: skip
HELP = {
    CHANNELS: "How many of the channels that the layer makes are kept; its group follows.",
    BITS: "The precision that the layer is computed or stored in.",
    ACCURACY: "The model's predicted {metric} if only this layer changes: fewest channels on the"
    " left, the dot is where it is now.",
    TIME: "The model's predicted time of one sample, in µs, if only this layer changes: fewest"
    " channels on the left, the dot is where it is now.",
    SWITCH: "On: the layer is compressed as set here. Off: it is as in the original.",
}
WAITED_FOR = "…"  # a curve that is still being worked out
Range = tuple[float, float]


def spans(curves: Iterable[Curve]) -> tuple[Range, Range]:
    """Return the range of all scores and of all times: curves of one column can be compared."""
    scores = [value for curve in curves for value in curve.scores]
    times = [value for curve in curves for value in curve.times]
    return _span(scores), _span(times)


def level_head(column: str, metric: str) -> str:
    """Return a column's head, which names the task's metric and the unit."""
    name = wording.metric_title(metric)
    unit = " (%)" if wording.is_share_metric(metric) else wording.score_unit(
        Measurement(metric=metric))  # fmt: skip
    return HEADS[column].format(metric=f"{name[:1].upper()}{name[1:]}{unit}")


def level_help(column: str, metric: str) -> str:
    """Return what a column tells, in a sentence."""
    return HELP[column].format(metric=wording.metric_title(metric))


def level_data(
    column: str,
    row: LayerLevel | None,
    curve: Curve | None,
    ranges: tuple[Range, Range],
    role: int,
    metric: str = "accuracy",
) -> object:
    """Return what a cell of a level column holds for a role; nothing where no level can move."""
    if row is None:
        return wording.NO_FIGURE if role == Qt.ItemDataRole.DisplayRole else None
    match role:
        case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
            words = tr(_words(column, row))
            head = tr(level_head(column, metric))
            told = f"{head}: {words}" if words else head
            return f"{told}\n{tr(level_help(column, metric))}"
        case Qt.ItemDataRole.DisplayRole:
            return _instead(column, row, curve)
        case _ if role == CURVE_ROLE and curve is not None:
            return _spark(column, row, curve, ranges)
    return None


def level_side(column: str) -> Qt.AlignmentFlag:
    """Return at which side of a level column its words stand: those of the switches below them."""
    side = Qt.AlignmentFlag.AlignHCenter if column == SWITCH else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _instead(column: str, row: LayerLevel, curve: Curve | None) -> str | None:
    """Return what stands where there is no slider, and no curve or none yet."""
    if column in (ACCURACY, TIME) and curve is None:
        return WAITED_FOR
    is_untimed = column == TIME and curve is not None and not curve.times
    is_fixed = column == CHANNELS and row.group is None
    return wording.NO_FIGURE if is_untimed or is_fixed else None


def level_sort(column: str, row: LayerLevel | None, curve: Curve | None) -> float:
    """Return by what a level column is sorted; layers without levels come first."""
    if row is None:
        return -1.0
    match column:
        case "Channels":
            return row.kept / row.group.units if row.group is not None else -0.5
        case "Bits":
            return float(FILE_BITS[row.layer.precisions[row.precision]])
        case "Accuracy":
            return -1.0 if curve is None else curve.scores[-1] - curve.scores[0]
        case "Time":
            return -1.0 if curve is None or not curve.times else curve.times[-1] - curve.times[0]
    return float(not row.is_full)


def _words(column: str, row: LayerLevel) -> str:
    if column == CHANNELS and row.group is not None:
        return f"{row.kept} of {row.group.units}"
    if column == BITS:
        return SHORT[row.layer.precisions[row.precision]]
    return ("off" if row.is_full else "on") if column == SWITCH else ""


def _spark(column: str, row: LayerLevel, curve: Curve, ranges: tuple[Range, Range]) -> Spark | None:
    values, span = (curve.scores, ranges[0]) if column == ACCURACY else (curve.times, ranges[1])
    if column not in (ACCURACY, TIME) or not values:
        return None
    level = row.precision if row.group is None else row.level
    return Spark(curve.places, values, *span, now=curve.places[len(curve.places) - 1 - level])


def _span(values: list[float]) -> Range:
    return (min(values), max(values)) if values else (0.0, 1.0)
