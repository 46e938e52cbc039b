"""Histograms and ranges of a layer's values."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tinystudio.gui.plots.linear_ticks import linear_ticks
from tinystudio.gui.plots.spread_plots import MOST_STROKES, HistogramPlot, RangePlot, _powers
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


def test_the_first_is_seen_under_one_that_is_the_same(qtbot: QtBot) -> None:
    plot = RangePlot("weights")
    qtbot.addWidget(plot)
    plot.show_spreads((spread(MOST_STROKES), spread(MOST_STROKES)))
    widths = [item.opts["pen"].widthF() for item in plot._items]
    assert widths[0] > 2 * widths[2]


def test_an_axis_writes_its_powers_in_one_way() -> None:
    assert [text for _, text in _powers(-3)][-2:] == ["0.1", "1"]
    assert all(text.startswith("10") for _, text in _powers(-5))


def test_two_histograms_beside_each_other_write_their_axes_alike(qtbot: QtBot) -> None:
    plot = HistogramPlot("weights")
    qtbot.addWidget(plot)
    rare = spread(2).model_copy(update={"shares": (1e-6, 0.0, 1.0)})
    for beside, is_raised in ((), False), ((rare, None), True):
        plot.show_spreads((-1.0, 0.0, 1.0, 2.0), (spread(2), None), beside)
        texts = [text for _, text in plot.getAxis("left")._tickLevels[0]]
        assert texts[0].startswith("10") == is_raised


def test_a_linear_axis_has_three_ticks_where_there_is_room_for_them() -> None:
    for pixels in (90, 200, 500):
        step, values = linear_ticks(79.0, 93.0, pixels, True)
        assert len(values) >= 3
        assert step * pixels / 14 >= 17
    assert len(linear_ticks(-0.8, 9.6, 98, True)[1]) >= 3  # a low staircase
    assert linear_ticks(-1.0, 1.3, 200, False) == (0.5, (-1.0, -0.5, 0.0, 0.5, 1.0))
