"""The front: points that none beats, and their figures, marked as predicted."""

from __future__ import annotations

import numpy as np
import pytest
from explorer_examples import FRONT, database, subject_on
from hypothesis import given
from hypothesis import strategies as st
from level_examples import CASES, case

from tinystudio.core.measurement import Measurement
from tinystudio.core.reporter import Silent
from tinystudio.explorer.building import Builder
from tinystudio.explorer.database import FrontPoint
from tinystudio.explorer.factors import factors_of
from tinystudio.explorer.figures import predicted_figures
from tinystudio.explorer.folder import DatabaseFolder
from tinystudio.explorer.fronting import candidates, front_of, nondominated, points_of


def point(size: int, time: float | None, score: float) -> FrontPoint:
    return FrontPoint(
        choice=(0,), score=score, value=score, interval=(score, score), size_bytes=size,
        latency_ms=time, latency_interval_ms=None, is_measured=False,
    )  # fmt: skip


POINTS = st.lists(
    st.builds(
        point,
        st.integers(1, 6),
        st.one_of(st.sampled_from([1.0, 2.0, 3.0])),
        st.sampled_from([0.1, 0.2, 0.3, 0.4]),
    ),
    min_size=1,
    max_size=20,
)


def beats(one: FrontPoint, other: FrontPoint, sign: int) -> bool:
    """Say whether one is no worse in anything and better in something."""
    mine = (one.size_bytes, one.latency_ms or 0.0, -sign * one.score)
    its = (other.size_bytes, other.latency_ms or 0.0, -sign * other.score)
    return mine != its and all(a <= b for a, b in zip(mine, its, strict=True))


@given(POINTS, st.sampled_from([1, -1]))
def test_the_front_is_what_none_beats_each_once_the_largest_first(
    points: list[FrontPoint], sign: int
) -> None:
    front = nondominated(points, sign)
    best = {
        (p.size_bytes, p.latency_ms, p.score)
        for p in points
        if not any(beats(other, p, sign) for other in points)
    }
    assert {(p.size_bytes, p.latency_ms, p.score) for p in front} == best
    assert len(front) == len(best)
    assert [p.size_bytes for p in front] == sorted((p.size_bytes for p in front), reverse=True)


def test_without_times_size_and_score_decide() -> None:
    points = [point(3, None, 0.9), point(2, None, 0.9), point(1, None, 0.5)]
    assert nondominated(points) == (points[1], points[2])


@pytest.mark.parametrize("timed", [False, True])
def test_candidates_hold_the_original_and_are_choices_of_the_space(timed: bool) -> None:
    known = database(timed=timed)
    found, method = candidates(known, Silent())
    assert method == "dynamic programming"
    assert any(not choice.any() for choice in found)
    assert all((choice < known.space.sizes).all() for choice in found)
    assert len({choice.tobytes() for choice in found}) == len(found) > 3


def test_points_of_many_are_those_of_each() -> None:
    known = database(timed=True)
    choices = [np.array(choice, np.int16) for choice in FRONT]
    assert points_of(known, choices, Silent()) == [known.point(choice) for choice in choices]
    front = front_of(known, choices, Silent()).front
    assert set(front) <= set(points_of(known, choices, Silent()))


@pytest.mark.parametrize("name", CASES)
def test_a_searchs_bytes_follow_the_files(name: str, tmp_path) -> None:
    """Sums over layers and groups fall and rise with the sizes of the files themselves."""
    subject = subject_on(case(name).network, case(name).samples)
    space = subject.space
    sizes = Builder(subject, DatabaseFolder(tmp_path), Silent(), lambda _: None)._sizes()
    factors = factors_of(space, np.zeros(sum(space.sizes)), sizes, None)
    draw, sums, files = np.random.default_rng(0), [], []
    for _ in range(40):
        choice = np.array([draw.integers(0, size) for size in space.sizes], np.int16)
        for node, precision in space.precisions(choice).items():
            choice[space.layer_index[node]] -= int(precision == "w8a8")
        if not choice.any():
            continue  # its file is as it came
        total = sum(float(own[choice[at]]) for at, own in enumerate(factors.size))
        for at, item in enumerate(factors.layers):
            read = choice[item.reads] if item.reads >= 0 else 0
            made = choice[item.makes] if item.makes >= 0 else 0
            total += float(item.size[read, made, choice[len(space.groups) + at]])
        sums.append(total)
        files.append(int(sizes.file_bytes(space, choice)[0]))
    assert np.corrcoef(sums, files)[0, 1] > 0.95


def test_figures_are_marked_as_predicted_and_carry_their_interval() -> None:
    known = database(timed=True)
    found = predicted_figures(known, known.front[1])
    assert (found.score_status, found.size_bytes_status) == ("predicted", "predicted")
    assert found.latency_ms_status == "predicted"
    assert found.split == "validation"
    assert found.score_interval is not None
    assert found.score_interval[0] < found.score < found.score_interval[1]  # type: ignore[operator]
    assert found.score == found.accuracy
    assert predicted_figures(known, known.front[0]).score_change == 0.0


def test_latency_is_told_as_a_share_of_the_originals_measured_one() -> None:
    known = database(timed=True)
    original = Measurement(latency_ms=7.0, latency_ms_status="measured")
    half = predicted_figures(known, known.front[2], original)
    assert known.front[2].choice[0] == 2  # half of the channels
    assert half.latency_ratio == pytest.approx(0.5)
    assert half.latency_ms == pytest.approx(3.5)
    assert half.latency_interval_ms == pytest.approx((3.5 * 0.95, 3.5 * 1.05))
    assert predicted_figures(known, known.front[2]).latency_ms == pytest.approx(0.05)


def test_without_times_there_is_no_latency() -> None:
    found = predicted_figures(database(), database().front[1])
    assert found.latency_ms is None
    assert found.latency_ms_status == "unavailable"
