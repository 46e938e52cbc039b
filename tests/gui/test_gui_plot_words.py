"""What plots say inside and beside their frames: words, numbers, captions, keys, level lines."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
import pytest
from contrasts import contrast
from filled_plots import fill
from gui_examples import ORIGINAL, figures, original
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from tinystudio.gui import theme
from tinystudio.gui.compare.matrix import SOFT
from tinystudio.gui.diagram.colours import mixed
from tinystudio.gui.plots.captions import Caption, fitting, write_caption
from tinystudio.gui.plots.choice_grid import ChoiceGrid
from tinystudio.gui.plots.dressing import tick_font
from tinystudio.gui.plots.legend import Legend
from tinystudio.gui.plots.log_axis import label, ticks
from tinystudio.gui.plots.plot_words import quietest
from tinystudio.gui.plots.trade_off import TradeOff


@pytest.fixture
def plots(qtbot: QtBot) -> TradeOff:
    shown = TradeOff()
    qtbot.addWidget(shown)
    return shown


def test_less_than_a_power_of_ten_has_its_whole_numbers_and_a_narrow_plot_three() -> None:
    low, high = math.log10(4.2), math.log10(10.5)
    assert [label(value) for value in ticks(low, high, 300)] == ["5", "6", "7", "8", "9", "10"]
    assert len(ticks(low, high, 120)) >= 3
    assert len(ticks(math.log10(8), math.log10(400), 150)) >= 3


def test_predicted_points_below_the_view_are_counted(qtbot: QtBot, plots: TradeOff) -> None:
    words = plots.charts[0].words
    for measured, predicted, said in (
        (1, 0, "↓ 1 point below"), (0, 4, "↓ 4 predicted points below"),
        (2, 3, "↓ 2 measured and 3 predicted points below"),
    ):  # fmt: skip
        words.say_below(measured, predicted)
        assert words.below.text() == said


def test_words_lie_where_nothing_is_drawn() -> None:
    places = [QRect(0, 0, 50, 20), QRect(0, 80, 50, 20)]
    assert quietest(places, np.array([[20.0, 10.0]])) == places[1]
    assert quietest(places, np.zeros((0, 2))) == places[0]


def test_the_preview_is_in_the_legend_while_there_is_one(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots, [original()])
    assert "preview" not in plots.legend.titles
    plots.show_preview("small", figures(0.8, 90_000, None, ORIGINAL, samples=500))
    qtbot.waitUntil(lambda: "preview" in plots.legend.titles)


def test_the_preview_takes_no_line_of_the_legend(qtbot: QtBot) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    legend.show()
    legend.set_series(("original", theme.MEASURED, theme.PREDICTED))
    line = legend.heightForWidth(2000)
    wide = next(width for width in range(50, 2000) if legend.heightForWidth(width) == line)
    for width, is_said in ((wide + 4, False), (wide + 200, True)):
        legend.resize(width, 60)
        legend.set_series(("original", theme.MEASURED, theme.PREDICTED))
        height = legend.heightForWidth(width)
        legend.set_series(("original", theme.MEASURED, theme.PREDICTED, theme.PREVIEWED))
        assert legend.heightForWidth(width) == height
        assert ("preview" in legend.titles) == is_said
    legend.resize(wide + 4, 60)
    assert "preview" not in legend.titles


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_level_lines_are_seen_and_not_looked_at(colours: theme.Theme) -> None:
    assert 1.2 < contrast(colours.grid_line, colours.surface) < 1.3
    assert contrast(colours.faint, colours.surface) > 3  # of intervals


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_counts_stay_readable_on_the_strongest_tint(colours: theme.Theme) -> None:
    for tint in (colours.good, colours.bad):
        ground = mixed(colours.sunken, tint, SOFT[colours.name]).name()
        assert contrast(colours.text, ground) >= 4.5


def test_a_caption_that_is_too_long_keeps_its_unit(qtbot: QtBot) -> None:
    plot = pg.PlotWidget()
    qtbot.addWidget(plot)
    plot.resize(400, 160)
    whole = "share of all the values of a layer (log)"
    write_caption(plot, "left", whole, theme.LIGHT)
    plot.show()
    axis = plot.getAxis("left")
    caption = axis.findChild(Caption)
    qtbot.waitUntil(lambda: caption.text.endswith("… (log)"))
    assert axis.toolTip() == whole
    plot.resize(400, 600)
    qtbot.waitUntil(lambda: caption.text == whole)
    assert axis.toolTip() == ""
    metrics = QFontMetricsF(tick_font())
    assert fitting("latency of a call (µs, log) ~~", metrics, 90).endswith("… (µs, log)")


def test_choices_that_wrap_stand_in_columns(qtbot: QtBot) -> None:
    grid = ChoiceGrid()
    qtbot.addWidget(grid)
    boxes = [QComboBox() for _ in range(4)]
    for title, box in zip(("Left", "Below", "Colour", "Size"), boxes, strict=True):
        grid.add(QLabel(title), box)
    grid.show()
    grid.resize(140, 300)
    qtbot.waitUntil(lambda: len({box.mapTo(grid, QPoint(0, 0)).x() for box in boxes}) == 1)
    tops = [box.mapTo(grid, QPoint(0, 0)).y() for box in boxes]
    assert tops == sorted(set(tops))
