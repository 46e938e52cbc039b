"""Histograms and ranges of a layer's values."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tinystudio.gui.plots.spread_plots import MOST_STROKES, HistogramPlot, RangePlot
from tinystudio.jobs.comparison import Spread


def spread(channels: int) -> Spread:
    return Spread(
        shares=(0.25, 0.0, 0.75), low=-1.0, high=2.0, channel_lows=(-1.0,) * channels,
        channel_highs=(2.0,) * channels, channels=channels,
    )  # fmt: skip


def test_an_empty_bin_lies_below_all_others(qtbot: QtBot) -> None:
    plot = HistogramPlot("weights")
    qtbot.addWidget(plot)
    plot.show_spreads((-1.0, 0.0, 1.0, 2.0), (spread(2), None))
    (curve,) = plot._items
    x, shares = curve.getOriginalDataset()
    assert x.tolist() == [-1.0, 0.0, 1.0, 2.0]
    assert shares.tolist() == [0.25, 0.125, 0.75]


@pytest.mark.parametrize(("channels", "items"), [(3, 1), (MOST_STROKES, 2)])
def test_many_channels_are_two_lines_and_few_are_strokes(
    qtbot: QtBot, channels: int, items: int
) -> None:
    plot = RangePlot("weights")
    qtbot.addWidget(plot)
    plot.show_spreads((spread(channels), None))
    assert plot.count == items
    x, y = plot._items[0].getData()
    assert np.isfinite(x).all()
    assert y.min() == -1.0
    assert (y.max() == 2.0) == (items == 1)
