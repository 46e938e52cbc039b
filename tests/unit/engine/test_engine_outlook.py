"""The time left: forecasts first, then what the work shows."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tinystudio.core.reporter import Part
from tinystudio.engine import outlook as module
from tinystudio.engine.durations import Durations
from tinystudio.engine.forecasts import MAKING, TIMED_KIND, of_building, of_variants
from tinystudio.engine.outlook import TICK_S, Outlook, Stretch
from tinystudio.engine.reporting import JobReporter
from tinystudio.explorer.estimating import Estimate
from tinystudio.gallery import gallery
from tinystudio.graph.opening import open_network
from tinystudio.jobs.events import Event, Progressed
from tinystudio.jobs.recipe import Recipe, Step

AIM = 1.5


class Work:
    """A clock that a test moves, and an outlook that looks at it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)
        self.said: list[Event] = []
        self.reporter = JobReporter("job", self.said.append, threading.Event())

    def outlook(self, *stretches: Stretch, **more: object) -> Outlook:
        return Outlook(self.reporter, stretches, **more)  # type: ignore[arg-type]

    @property
    def left(self) -> float:
        assert self.reporter.seconds_left is not None
        return self.reporter.seconds_left


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(monkeypatch)


def go(work: Work, outlook: Outlook, takes: Sequence[tuple[float, float]]) -> list[float]:
    """Let stretches take (end, seconds) in twenty even steps each; return shown / left."""
    whole = sum(seconds for _, seconds in takes)
    start, spent, found = 0.0, 0.0, []
    for end, seconds in takes:
        for step in range(20):
            outlook.progress(start + (end - start) * step / 20, 1, f"{end} {step}")
            if spent >= 0.1 * whole:
                found.append(work.left / (whole - spent))
            work.now += seconds / 20
            spent += seconds / 20
        start = end
    outlook.progress(1, 1, "done")
    assert work.left == 0.0
    return found


def test_before_anything_is_done_the_forecasts_are_told(work: Work) -> None:
    work.outlook(Stretch(0.5, "a", 10.0), Stretch(1.0, "b", 30.0))
    assert work.left == pytest.approx(40.0)


def test_an_even_stretch_is_foreseen_within_the_aim_though_its_forecast_was_three_times_off(
    work: Work,
) -> None:
    found = go(work, work.outlook(Stretch(1.0, "a", 10.0, is_even=True)), [(1.0, 30.0)])
    assert all(1 / AIM <= ratio <= AIM for ratio in found[2:])  # from a fifth of it on
    assert found[-1] == pytest.approx(1.0)


def test_a_kind_that_takes_twice_as_long_is_expected_to_do_so_again(work: Work) -> None:
    stretches = [Stretch((n + 1) / 5, "a", 5.0) for n in range(5)]
    found = go(work, work.outlook(*stretches), [(s.end, 10.0) for s in stretches])
    at_third = found[30:-20]  # to the end of the fourth: little is left of the last one
    assert all(1 / AIM <= ratio <= AIM for ratio in at_third)


def test_what_earlier_jobs_have_shown_is_counted_from_the_start_and_new_ratios_are_heard(
    work: Work,
) -> None:
    heard: list[tuple[str, float]] = []

    def learnt(kind: str, ratio: float) -> None:
        heard.append((kind, ratio))

    outlook = work.outlook(
        Stretch(0.5, "a", 5.0), Stretch(1.0, "", 5.0), known={"a": 3.0}, learnt=learnt
    )
    assert work.left == pytest.approx(20.0)
    go(work, outlook, [(0.5, 10.0), (1.0, 5.0)])
    assert heard == [("a", pytest.approx(2.0))]  # what has no kind takes what it was given


def test_the_last_stretch_teaches_as_well_once_the_work_has_ended(work: Work) -> None:
    heard: list[tuple[str, float]] = []

    def learnt(kind: str, ratio: float) -> None:
        heard.append((kind, ratio))

    outlook = work.outlook(Stretch(0.5, "a", 5.0), Stretch(1.0, "b", 4.0), learnt=learnt)
    go(work, outlook, [(0.5, 5.0), (1.0, 8.0)])
    outlook.end()
    assert heard == [("a", pytest.approx(1.0)), ("b", pytest.approx(2.0))]


def test_a_work_that_ends_early_teaches_nothing_of_where_it_was(work: Work) -> None:
    heard: list[tuple[str, float]] = []

    def learnt(kind: str, ratio: float) -> None:
        heard.append((kind, ratio))

    outlook = work.outlook(Stretch(0.5, "a", 5.0), Stretch(1.0, "b", 4.0), learnt=learnt)
    outlook.progress(0.3, 1, "of the first stretch")
    work.now += 3.0
    outlook.end()
    assert heard == []


def test_a_busy_machine_is_expected_to_slow_down_what_was_not_met_yet_by_half_of_it(
    work: Work,
) -> None:
    outlook = work.outlook(
        Stretch(0.5, "x:a", 5.0), Stretch(0.9, "x:b", 10.0), Stretch(1.0, "y", 10.0)
    )
    for fraction in (0.0, 0.5):
        outlook.progress(fraction, 1, str(fraction))
        work.now += 26.0 if fraction == 0.0 else 0.0
    # With the two seconds that count before anything is seen: 28 for 7, four times as slow, of
    # which half (in powers) is expected of the next. y is no relative.
    assert work.left == pytest.approx(20.0 + 10.0)


def test_a_stretch_of_a_moment_tells_hardly_anything_of_its_family(work: Work) -> None:
    outlook = work.outlook(Stretch(0.1, "x:a", 0.1), Stretch(1.0, "x:b", 10.0))
    for fraction in (0.0, 0.1):
        outlook.progress(fraction, 1, str(fraction))
        work.now += 0.4 if fraction == 0.0 else 0.0
    assert 10.0 < work.left < 11.0


def test_what_was_there_already_tells_nothing_of_the_next(work: Work) -> None:
    outlook = work.outlook(*(Stretch((n + 1) / 3, "a", 10.0) for n in range(3)))
    outlook.progress(0, 3, "begins")
    work.now += 0.2
    outlook.progress(1, 3, "from memory")
    assert work.left == pytest.approx(20.0)


def test_a_stretch_that_says_nothing_is_counted_down_all_the_same(work: Work) -> None:
    outlook = work.outlook(Stretch(1.0, "timing", 10.0))
    outlook.progress(0, 1, "Timing")
    work.now += 4.0
    outlook.check()
    last = work.said[-1]
    assert isinstance(last, Progressed)
    assert last.seconds_left == pytest.approx(6.0)
    count = len(work.said)
    work.now += TICK_S / 2
    outlook.check()
    assert len(work.said) == count
    work.now += 10.0  # overdue: never less than nothing, and no promise of an end at once
    outlook.check()
    assert 0 < work.left < 5


def test_what_is_timed_again_is_expected_once_it_is_met_and_else_costs_nothing(work: Work) -> None:
    again = Stretch(0.9, "", 0.0, is_even=True, once_met=9.0)
    outlook = work.outlook(Stretch(0.5, "a", 3.0), again, Stretch(1.0, "a", 3.0))
    assert work.left == pytest.approx(6.0)
    outlook.progress(0.5, 1, "again")
    assert work.left == pytest.approx(12.0)


def test_progress_of_parts_reaches_the_stretch_that_it_lies_in(work: Work) -> None:
    outlook = work.outlook(Stretch(0.5, "a", 10.0), Stretch(1.0, "b", 30.0))
    part = Part(outlook, 0.5, 1.0)
    part.progress(0, 1, "second")
    assert work.left == pytest.approx(30.0)


def test_recipes_are_forecast_by_their_steps_and_what_is_made_already_costs_nothing(
    tmp_path: Path,
) -> None:
    task = gallery()["breast"]
    network, dataset = open_network(task.network_path), task.dataset()
    pruned, trained = Step.of("channel-pruning"), Step.of("fine-tuning", epochs=20.0)
    recipes = (Recipe(), Recipe(steps=(pruned,)), Recipe(steps=(pruned, trained)))
    durations = Durations(tmp_path)
    found = of_variants(recipes, network, dataset, "validation", True, 0.5, durations)
    kinds = [stretch.kind.removeprefix(MAKING) for stretch in found]
    assert kinds == [
        "scoring", "timing", "", "channel-pruning", "scoring", "timing", "",
        "channel-pruning", "fine-tuning", "scoring", "timing", "",
    ]  # fmt: skip
    ends = [stretch.end for stretch in found]
    assert ends == sorted(ends)
    assert ends[-1] == pytest.approx(1.0)
    again, training = found[7], found[8]
    assert again.seconds == 0.0
    twice = recipes[2].with_step(1, trained.replace(epochs=40.0))
    longer = of_variants((twice,), network, dataset, "validation", False, 0.5, durations)
    assert longer[1].seconds > training.seconds > 0
    assert longer[-2].seconds == longer[-1].once_met == 0.0  # nothing is timed
    assert longer[-2].kind == TIMED_KIND


NEEDS = Estimate(trying_s=4.0, memory_bytes=0, levels=60, numbers=20_000)


def test_building_takes_longer_the_more_there_is_to_try_and_to_predict() -> None:
    def whole(needs: Estimate) -> float:
        return sum(stretch.seconds for stretch in of_building(needs, True, 0.0, 0.3))

    more = ({"trying_s": 8.0}, {"levels": 120}, {"numbers": 2_000_000})
    assert all(whole(replace(NEEDS, **each)) > whole(NEEDS) + 1.0 for each in more)


def test_building_without_timing_is_shorter_and_a_search_takes_what_it_was_given() -> None:
    timed, untimed = (of_building(NEEDS, time, 0.0, 0.3) for time in (True, False))
    assert sum(s.seconds for s in untimed) < sum(s.seconds for s in timed)
    searched = of_building(NEEDS, True, 60.0, 0.3)
    assert (searched[-1].end, searched[-1].kind, searched[-1].seconds) == (1.0, "", 60.0)
    assert searched[-2].end == pytest.approx(0.3)


def test_ratios_are_kept_for_the_next_engine(tmp_path: Path) -> None:
    for ratio in (2.0, 2.2, 40.0):
        Durations(tmp_path).note_ratio("timing", ratio)
    assert Durations(tmp_path).ratios() == {"timing": 2.2}
