"""Many points in a plot: what is handed over, what is thinned out, what is remembered."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from gui_examples import ORIGINAL, figures, original, project, variant
from pytestqt.qtbot import QtBot

from tinystudio.gui import theme
from tinystudio.gui.plots.known_points import KnownPoints
from tinystudio.gui.plots.points import SIZE, Point, log_costs, scores
from tinystudio.gui.plots.swarm import MOST_DRAWN, Swarm, thinned


def points(count: int) -> tuple[Point, ...]:
    chance = random.Random(0)
    return tuple(
        Point(
            str(number), "", chance.choice(["channel-pruning", "static-quantization"]),
            10 ** chance.uniform(0, 3), chance.uniform(0, 100), (0.0, 100.0), True, ORIGINAL,
        )
        for number in range(count)
    )  # fmt: skip


def drawn(swarm: Swarm) -> list[tuple[float, float]]:
    found = []
    for cloud in swarm.item.childItems():
        x, y = cloud.getData()
        assert x.dtype == y.dtype == np.float64
        found += list(zip(x.tolist(), y.tolist(), strict=True))
    return sorted(found)


def places(some: Sequence[Point]) -> list[tuple[float, float]]:
    return sorted(zip(log_costs(some).tolist(), scores(some).tolist(), strict=True))


def test_whatever_changes_exactly_the_given_points_are_drawn(qtbot: QtBot) -> None:
    swarm, known = Swarm(), points(60)
    for shown in (known[:40], known, known[:10], known[5:30], (), known):
        swarm.draw(shown, theme.LIGHT)
        assert drawn(swarm) == places(shown)


def test_one_more_point_is_handed_over_alone(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    swarm, known = Swarm(), points(60)
    swarm.draw(known[:-1], theme.LIGHT)
    for cloud in swarm.item.childItems():
        monkeypatch.setattr(cloud, "setData", lambda **_: pytest.fail("all were drawn again"))
    swarm.draw(known, theme.LIGHT)
    assert drawn(swarm) == places(known)


def test_a_series_takes_the_colours_of_another_theme(qtbot: QtBot) -> None:
    swarm, known = Swarm(), points(5)
    for shown in (theme.LIGHT, theme.DARK):
        swarm.draw(known, shown)
        colours = {cloud.opts["pen"].color().name() for cloud in swarm.item.childItems()}
        assert colours == {shown.series(point.series).colour for point in known}


def test_up_to_ten_thousand_points_are_all_drawn() -> None:
    known = points(MOST_DRAWN)
    assert thinned(known, ()) is known


def test_above_ten_thousand_points_those_that_cover_one_another_go_and_the_front_stays() -> None:
    known = points(4 * MOST_DRAWN)
    always = known[-50:]
    left = thinned(known, always)
    assert len(left) <= MOST_DRAWN + len(always)
    assert set(always) <= set(left)
    ends = [(min(values), max(values)) for values in (log_costs(known), scores(known))]
    for (low, high), values in zip(ends, (log_costs(left), scores(left)), strict=True):
        assert values.min() - low < 0.02 * (high - low)
        assert high - values.max() < 0.02 * (high - low)


def test_points_in_one_place_are_thinned_to_one() -> None:
    same = points(1) * (MOST_DRAWN + 1)
    assert len(thinned(same, ())) == 1


def test_only_what_changed_becomes_another_point() -> None:
    known, variants = KnownPoints(SIZE), project()
    before = {point.id: point for point in known.of(variants)}
    changed = variant("p3", "other", measurement=figures(0.5, 90_000, 0.1, ORIGINAL))
    now = {p.id: p for p in known.of([changed if v.id == "p3" else v for v in variants])}
    assert [id for id, point in now.items() if point is not before[id]] == ["p3"]
    assert now["p3"].cost == 90
    assert [point.id for point in known.of([original()])] == ["original"]
