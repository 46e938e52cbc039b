"""The plots as they are seen: what is drawn where, in which colour, hollow or solid."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from gui_examples import ORIGINAL, figures, original, variant
from picture import Picture, ground, is_like, share_like
from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from wearing import wear

from tinystudio.gui import theme
from tinystudio.gui.plots.chart import Chart
from tinystudio.gui.plots.trade_off import TradeOff
from tinystudio.gui.theme import Theme
from tinystudio.session.front import Limits

LIMIT = 250_000  # bytes
SOLID = {"pruned": "channel-pruning", "int8": "static-quantization"}
REACH = 7  # pixels around a point that are its own


@pytest.fixture
def plots(qtbot: QtBot, dressed: Theme) -> TradeOff:
    """Five points apart from one another, of four series, one of them predicted; a limit."""
    shown = TradeOff()
    qtbot.addWidget(shown)
    shown.resize(1000, 560)
    shown.set_limits(Limits(size_bytes=LIMIT))
    shown.set_variants(
        [
            original(),
            variant("pruned", series="channel-pruning", measurement=worth(0.87, 100_000, 0.08)),
            variant("int8", series="static-quantization", measurement=worth(0.83, 30_000, 0.03)),
            variant("chance", series="random-control", measurement=worth(0.80, 180_000, 0.11)),
            variant("guess", series="channel-pruning",
                    measurement=worth(0.85, 400_000, 0.13, score_status="predicted")),
        ]
    )  # fmt: skip
    with qtbot.waitExposed(shown):
        shown.show()
    qtbot.waitUntil(lambda: len(shown.charts[0].points) == 5)
    shown.grab()  # lays the scene out
    return shown


def worth(score: float, size: int, latency: float, **more):
    return figures(score, size, latency, ORIGINAL, **more)


def place(chart: Chart, id: str) -> QPoint:
    found = chart.point(id)
    assert found is not None
    return chart.place_of(found)


def place_of(chart: Chart, cost: float, score: float) -> QPoint:
    """Return where a cost and a score lie, whether there is a point or not."""
    scene = chart.getViewBox().mapViewToScene(QPointF(math.log10(cost), score))
    found: QPoint = chart.mapFromScene(scene)
    return found


@pytest.mark.parametrize("id", SOLID)
def test_what_is_measured_is_solid_in_the_colour_of_its_series(
    plots: TradeOff, dressed: Theme, id: str
) -> None:
    for chart in plots.charts:
        assert is_like(Picture(chart).at(place(chart, id)), dressed.series(SOLID[id]).colour)


def test_the_original_is_solid_and_has_its_name_beside_it(plots: TradeOff, dressed: Theme) -> None:
    chart = plots.charts[0]
    picture, here = Picture(chart), place(chart, "original")
    assert is_like(picture.at(here), dressed.text)
    name = picture.box(QRect(here.x() - 60, here.y() - 26, 56, 16))
    assert share_like(name, dressed.muted, within=60) > 0.02


def test_what_is_predicted_is_hollow(plots: TradeOff, dressed: Theme) -> None:
    chart = plots.charts[0]
    picture, here = Picture(chart), place(chart, "guess")
    assert is_like(picture.at(here), dressed.surface)
    assert share_like(picture.around(here, REACH), dressed.series("channel-pruning").colour) > 0.1


def test_the_preview_is_hollow_in_the_accent(qtbot: QtBot, plots: TradeOff, dressed: Theme) -> None:
    plots.show_preview("half", figures(0.86, 60_000, None, ORIGINAL))
    chart = plots.charts[0]
    qtbot.waitUntil(lambda: chart.preview is not None)
    assert chart.preview is not None
    picture, here = Picture(chart), chart.place_of(chart.preview)
    assert is_like(picture.at(here), dressed.surface)
    assert share_like(picture.around(here, REACH), dressed.accent) > 0.1


def test_the_random_control_is_a_cross(plots: TradeOff, dressed: Theme) -> None:
    chart, colour = plots.charts[0], dressed.series("random-control").colour
    picture, here = Picture(chart), place(chart, "chance")
    arms = [here + QPoint(x, y) for x in (-2, 2) for y in (-2, 2)]
    gaps = [here + QPoint(x, 0) for x in (-5, 5)]
    assert all(is_like(picture.at(arm), colour, within=90) for arm in arms)
    assert not any(is_like(picture.at(gap), colour, within=90) for gap in gaps)


def test_series_differ_in_shape_as_well_as_in_colour(plots: TradeOff, dressed: Theme) -> None:
    chart = plots.charts[0]
    picture, corner = Picture(chart), QPoint(3, 3)
    round_one, square_one = place(chart, "pruned"), place(chart, "int8")
    circle, square = dressed.series("channel-pruning"), dressed.series("static-quantization")
    assert not is_like(picture.at(round_one + corner), circle.colour, within=60)
    assert is_like(picture.at(square_one + corner), square.colour)


def test_what_lies_beyond_the_limit_is_greyed(plots: TradeOff, dressed: Theme) -> None:
    chart = plots.charts[0]
    picture = Picture(chart)
    box = chart.getViewBox().sceneBoundingRect().toRect()
    line = place_of(chart, LIMIT / 1000, 80.0).x()
    beyond = QRect(line + 8, box.top() + 40, 30, box.height() - 60)
    inside = beyond.translated(-46, 0)
    assert is_like(ground(picture.box(beyond)), dressed.beyond, within=4)
    assert is_like(ground(picture.box(inside)), dressed.surface, within=4)
    edge = picture.box(QRect(line - 2, box.top() + 40, 5, box.height() - 60))
    dashes = [share_like(row, dressed.limit, within=60) > 0 for row in edge]
    assert 0.3 < sum(dashes) / len(dashes) < 0.95


def test_the_limit_is_written_on_its_line(plots: TradeOff, dressed: Theme) -> None:
    chart = plots.charts[0]
    box = chart.getViewBox().sceneBoundingRect().toRect()
    line = place_of(chart, LIMIT / 1000, 80.0).x()
    flag = Picture(chart).box(QRect(line - 60, box.top() + 3, 120, 12))
    assert share_like(flag, dressed.limit) > 0.25
    assert share_like(flag, dressed.on_limit, within=60) > 0.01


def test_without_a_limit_nothing_is_greyed(qtbot: QtBot, plots: TradeOff, dressed: Theme) -> None:
    assert ground_is(plots.charts[1], dressed.surface)
    plots.set_limits(Limits())
    qtbot.waitUntil(lambda: ground_is(plots.charts[0], dressed.surface))
    assert share_like(Picture(plots.charts[0]).box(plots.charts[0].rect()), dressed.limit) < 0.001


def ground_is(chart: Chart, colour: str) -> bool:
    """Say whether the right end of the plot, where a limit would grey it, has this colour."""
    box = chart.getViewBox().sceneBoundingRect().toRect()
    return is_like(ground(Picture(chart).box(box.adjusted(box.width() - 20, 40, 0, 0))), colour)


def test_the_front_joins_the_variants_that_none_beats(plots: TradeOff, dressed: Theme) -> None:
    chart = plots.charts[0]
    assert [point.id for point in chart.front] == ["int8", "pruned", "original"]
    here = (place(chart, "int8") + place(chart, "pruned")) / 2
    assert share_like(Picture(chart).around(here, 3), dressed.accent, within=90) > 0.1


def test_the_best_inside_the_limit_lights_up(qtbot: QtBot, plots: TradeOff, dressed: Theme) -> None:
    chart = plots.charts[0]
    picture, reach = Picture(chart), QPoint(9, -4)  # beside the point, inside its halo
    assert plots.best == "pruned"
    lit = picture.at(place(chart, "pruned") + reach)
    assert not is_like(lit, dressed.surface)
    assert is_like(picture.at(place(chart, "int8") + reach), dressed.surface)


def test_the_legend_has_every_series_in_its_colour(plots: TradeOff, dressed: Theme) -> None:
    entries = {label.text(): label for label in plots.legend.findChildren(QLabel)}
    for series in ("original", *SOLID.values(), "random-control"):
        look = dressed.series(series)
        entry = entries[look.title].parentWidget()
        assert entry is not None
        symbol = Picture(entry).box(QRect(0, 0, 14, entry.height()))
        assert share_like(symbol, look.colour) > 0.05, series


def test_axes_carry_numbers_and_words_that_can_be_read(plots: TradeOff, dressed: Theme) -> None:
    for chart in plots.charts:
        picture, box = Picture(chart), chart.getViewBox().sceneBoundingRect().toRect()
        numbers_left = QRect(box.left() - 26, box.top(), 22, box.height())
        name_left = QRect(0, box.top(), 16, box.height())
        numbers_below = QRect(box.left(), box.bottom() + 6, box.width(), 14)
        name_below = QRect(box.left(), chart.height() - 16, box.width(), 16)
        for side in (numbers_left, name_left, numbers_below, name_below):
            assert share_like(picture.box(side), dressed.muted, within=60) > 0.005, side


@pytest.fixture
def other(qapp: QApplication, plots: TradeOff, dressed: Theme) -> Iterator[Theme]:
    """Turn to the other theme while the plots are shown."""
    turned = theme.LIGHT if dressed.is_dark else theme.DARK
    wear(qapp, turned.name)
    yield turned
    wear(qapp, dressed.name)


def test_when_the_theme_turns_everything_is_drawn_anew(plots: TradeOff, other: Theme) -> None:
    chart = plots.charts[0]
    picture = Picture(chart)
    assert is_like(picture.at(QPoint(2, 2)), other.surface)
    assert is_like(picture.at(place(chart, "pruned")), other.series("channel-pruning").colour)
    assert is_like(picture.at(place(chart, "guess")), other.surface)
    edge = chart.getViewBox().sceneBoundingRect().toRect()
    assert is_like(ground(picture.box(edge.adjusted(edge.width() - 20, 40, 0, 0))), other.beyond, 4)
