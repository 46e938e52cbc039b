"""An axis that is linear or logarithmic, as it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg

from tinystudio.gui.plots.log_axis import LogAxis


class ScaleAxis(LogAxis):
    """Labels powers of ten where `is_log`; the values of the plot are log10 then."""

    is_log = False

    def tickValues(
        self,
        minVal: float,  # noqa: N803  # pyqtgraph calls it by these names
        maxVal: float,  # noqa: N803
        size: float,
    ) -> list[tuple[float, list[float]]]:
        if self.is_log:
            return super().tickValues(minVal, maxVal, size)
        found: list[tuple[float, list[float]]] = pg.AxisItem.tickValues(self, minVal, maxVal, size)
        return found

    def tickStrings(self, values: Sequence[float], scale: Any, spacing: Any) -> list[str]:
        if self.is_log:
            return super().tickStrings(values, scale, spacing)
        texts: list[str] = pg.AxisItem.tickStrings(self, values, scale, spacing)
        return [text.replace("-", "−") for text in texts]
