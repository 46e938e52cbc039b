"""Which recipes a dial passes."""

from __future__ import annotations

import numpy as np
import pytest

from tinystudio.explorer.database import FrontPoint
from tinystudio.explorer.space import GroupAxis, LayerAxis, Space
from tinystudio.session.dial_paths import (
    nearest_stop,
    sparsity_of,
    stops,
    with_sparsity,
)


def point(size: int, score: float, time: float | None = None, level: int = 1) -> FrontPoint:
    return FrontPoint(
        choice=(level,), score=score, interval=(score, score), size_bytes=size, latency_ms=time,
        latency_interval_ms=None, is_measured=False,
    )  # fmt: skip


ORIGINAL = point(100_000, 0.9, 1.0, level=0)


def space() -> Space:
    return Space(
        groups=(
            GroupAxis(id="a", title="a", levels=(16, 8, 4)),
            GroupAxis(id="b", title="b", levels=(8, 4)),
        ),
        layers=(
            LayerAxis(node="a", op="Conv", reads=(), makes="a", precisions=("float", "w8")),
            LayerAxis(node="b", op="Conv", reads=("a",), makes="b", precisions=("float", "w4")),
        ),
    )


def test_the_original_comes_first_and_files_get_smaller():
    path = stops([point(10_000, 0.7), point(50_000, 0.88), point(20_000, 0.8)], ORIGINAL, "size")
    assert [stop.size_bytes for stop in path] == [100_000, 50_000, 20_000, 10_000]


def test_what_a_cheaper_one_clearly_beats_is_left_out():
    path = stops([point(50_000, 0.7), point(20_000, 0.8)], ORIGINAL, "size")
    assert [stop.size_bytes for stop in path] == [100_000, 20_000]


def test_of_those_that_cost_nearly_the_same_the_best_stays():
    path = stops([point(20_000, 0.8), point(20_010, 0.81), point(20_020, 0.79)], ORIGINAL, "size")
    assert [stop.score for stop in path[1:]] == [0.81]


def test_what_is_larger_than_the_original_is_no_stop():
    assert stops([point(120_000, 0.95)], ORIGINAL, "size") == (ORIGINAL,)


def test_preferring_speed_a_slower_one_has_to_be_worth_it():
    slow, fast = point(30_000, 0.85, 0.9), point(20_000, 0.84, 0.3)
    assert stops([slow, fast], ORIGINAL, "size") == (ORIGINAL, slow, fast)
    assert stops([slow, fast], ORIGINAL, "size", per_doubling=0.05) == (ORIGINAL, fast)


def test_where_lower_scores_are_better_the_worse_is_left_out():
    before = point(100_000, 0.1)
    path = stops([point(50_000, 0.3), point(20_000, 0.2)], before, "size", False)
    assert [stop.size_bytes for stop in path] == [100_000, 20_000]


def test_going_by_time_the_stops_get_faster():
    path = stops([point(90_000, 0.8, 0.2), point(10_000, 0.85, 0.5)], ORIGINAL, "latency")
    assert [stop.latency_ms for stop in path] == [1.0, 0.5, 0.2]


def test_the_nearest_stop_is_the_very_choice_or_the_one_that_costs_as_much():
    path = (ORIGINAL, point(50_000, 0.88, level=2), point(20_000, 0.8, level=3))
    assert nearest_stop(path, point(1, 0.0, level=2), "size") == 1
    assert nearest_stop(path, point(22_000, 0.0, level=9), "size") == 2
    assert nearest_stop((), ORIGINAL, "size") == 0


def test_bits_go_to_every_layer_that_can_have_them():
    assert space().with_bits(space().original, "w4").tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(("share", "levels"), [(0.0, [0, 0]), (0.5, [1, 1]), (0.9, [2, 1])])
def test_sparsity_takes_the_nearest_level_of_every_group(share: float, levels: list[int]):
    found = with_sparsity(space(), space().original, share)
    assert found[:2].tolist() == levels


def test_sparsity_is_the_share_of_all_channels_that_go():
    assert sparsity_of(space(), space().original) == 0.0
    assert sparsity_of(space(), np.array((1, 1, 0, 0), np.int16)) == 0.5
