"""An axis that is linear or logarithmic, as it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg

from tinystudio.gui.plots.linear_ticks import linear_ticks
from tinystudio.gui.plots.log_axis import LogAxis
from tinystudio.gui.text_size import text_size
from tinystudio.gui.wording import MINUS


class ScaleAxis(LogAxis):
    """Labels round numbers; powers of ten where `is_log`; the values of the plot are log10 then."""

    is_log = False

    def tickValues(
        self,
        minVal: float,  # noqa: N803  # pyqtgraph calls it by these names
        maxVal: float,  # noqa: N803
        size: float,
    ) -> list[tuple[float, list[float]]]:
        if self.is_log:
            return super().tickValues(minVal, maxVal, size)
        # One level alone: of two the labels would have different numbers of digits.
        room = size / max(1.0, text_size().scale)
        is_upright = self.orientation in ("left", "right")
        step, values = linear_ticks(minVal, maxVal, room, is_upright)
        return [(step, list(values))]

    def tickStrings(self, values: Sequence[float], scale: Any, spacing: Any) -> list[str]:
        if self.is_log:
            return super().tickStrings(values, scale, spacing)
        texts: list[str] = pg.AxisItem.tickStrings(self, values, scale, spacing)
        return [text.replace("-", MINUS) for text in texts]
