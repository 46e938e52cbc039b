"""Building a layer database: each thing is worked out once, whatever interrupts it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from example_networks import Example, mlp, residual_cnn
from example_reporters import Watching
from explorer_examples import (
    MADE_IN,
    MEASURED,
    build,
    made_file,
    random_choice,
    subject_of,
    subject_on,
)
from fabricated_times import CALL_US, Timer
from level_examples import case

from tinystudio.core.errors import Cancelled
from tinystudio.core.reporter import Silent
from tinystudio.explorer import building, latency_checking
from tinystudio.explorer.building import Builder, Subject, check_choices
from tinystudio.explorer.changes import single_choices
from tinystudio.explorer.database import Database
from tinystudio.explorer.folder import DatabaseFolder
from tinystudio.explorer.latency_building import build_latency_table
from tinystudio.explorer.space import Choice, Space
from tinystudio.graph.network import Network
from tinystudio.measure.layer_timing import Times
from tinystudio.measure.timer_process import TimingFailed

LOOKED_AT = 30


@pytest.fixture(scope="module", autouse=True)
def count_of_timings() -> Iterator[list[int]]:
    """Let times be worked out, not measured; count how often."""
    asked: list[int] = []

    def build(*given: object, **named: object):
        asked.append(1)
        return build_latency_table(*given, timer=Timer(), **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "build_latency_table", build)
        patch.setattr(latency_checking, "time_together", Timer())
        yield asked


@pytest.fixture
def made_up_times(count_of_timings: list[int]) -> list[int]:
    """Count from nothing."""
    count_of_timings.clear()
    return count_of_timings


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.fixture(scope="module")
def subject(cnn: Example) -> Subject:
    return subject_of(cnn)


@pytest.fixture(scope="module")
def small() -> Subject:
    return subject_of(mlp())


@pytest.fixture(scope="module")
def built(
    subject: Subject, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Database], Path]:
    """Build once for all tests that only look."""
    folder = tmp_path_factory.mktemp("built")
    return build(subject, folder, measured=LOOKED_AT)[0], folder


def test_the_stages_come_in_order_and_each_adds_what_it_says(
    built: tuple[list[Database], Path],
) -> None:
    told, _ = built
    assert [database.stage for database in told] == ["levels", "timed", "complete"]
    levels, timed, complete = told
    assert levels.latency is None
    assert timed.latency is not None
    assert (len(levels.known), len(timed.known), len(complete.known)) == (0, 0, LOOKED_AT)
    assert all(database.front for database in told)
    assert all(point.latency_ms is not None for point in timed.front)


def test_every_row_is_what_the_level_alone_does_to_the_outputs(
    subject: Subject, built: tuple[list[Database], Path]
) -> None:
    told, folder = built
    builder = Builder(subject, DatabaseFolder(folder), Silent(), lambda _: None)
    original = builder._outputs(subject.original)
    for row, choice in single_choices(subject.space):
        truth = builder._outputs(builder._network(choice)) - original
        assert np.allclose(told[-1].changes.rows[row], truth.ravel(), atol=2e-3)


@pytest.mark.parametrize("name", ["feed_forward", "lstm", "concatenated", "two_heads"])
def test_other_kinds_of_networks_are_explored_too(name: str, tmp_path: Path) -> None:
    tested = case(name)
    told, _ = build(subject_on(tested.network, tested.samples), tmp_path)
    assert told[-1].stage == "complete"
    assert len(told[-1].front) > 3
    assert told[-1].front[0].score < 1e-6  # the original agrees with itself


def test_scores_of_the_front_are_near_those_of_the_made_networks(
    subject: Subject, built: tuple[list[Database], Path]
) -> None:
    (*_, complete), folder = built
    labels, off = subject.samples.labels, []
    assert labels is not None
    builder = Builder(subject, DatabaseFolder(folder), Silent(), lambda _: None)
    for point in complete.front[:: max(1, len(complete.front) // 15)]:
        outputs = builder._measured(np.array(point.choice, np.int16))
        off.append(abs((outputs.argmax(axis=1) == labels).mean() - point.score))
    assert np.mean(off) < 0.03


def test_sizes_of_the_front_are_those_of_the_files(
    subject: Subject, built: tuple[list[Database], Path]
) -> None:
    (*_, complete), _ = built
    for point in complete.front[:: max(1, len(complete.front) // 8)]:
        choice = np.array(point.choice, np.int16)
        if choice.any():
            true = len(made_file(subject.levels, subject.space, choice))
            int8 = "w8a8" in subject.space.precisions(choice).values()
            assert point.size_bytes == pytest.approx(true, rel=0.1 if int8 else 0, abs=0)
    assert complete.point(subject.space.original).size_bytes == len(subject.original.data)


def test_a_second_build_fetches_everything_from_the_disk(
    subject: Subject, built: tuple[list[Database], Path], made_up_times: list[int]
) -> None:
    first, folder = built
    second, made = build(subject, folder, measured=LOOKED_AT)
    assert made == []
    assert made_up_times == []
    assert [database.stage for database in second] == ["complete"]
    assert second[-1].front == first[-1].front


def test_a_small_space_is_measured_whole_and_then_left_alone(tmp_path: Path) -> None:
    subject = subject_of(mlp())
    axes = subject.space
    narrow = Space(
        groups=tuple(g.model_copy(update={"levels": g.levels[:2]}) for g in axes.groups),
        layers=tuple(a.model_copy(update={"precisions": ("float", "w8")}) for a in axes.layers),
    )
    subject = replace(subject, space=narrow)
    told, _ = build(subject, tmp_path, measured=40)
    assert len(told[-1].known) == math.prod(narrow.sizes) - 1
    _, made = build(subject, tmp_path, measured=40)
    assert made == []


def test_no_choice_is_measured_twice_nor_the_original(small: Subject, tmp_path: Path) -> None:
    told, _ = build(small, tmp_path, measured=30)
    known = [tuple(choice) for choice in told[-1].known.choices.tolist()]
    assert len(set(known)) == len(known) == 30
    assert tuple(small.space.original.tolist()) not in known
    more = check_choices(told[-1], 40, 0)
    assert not {tuple(choice.tolist()) for choice in more} & set(known)


def singles(space: Space) -> set[tuple[int, ...]]:
    return {tuple(choice.tolist()) for _, choice in single_choices(space)}


@pytest.mark.parametrize("at", [3, 12])
def test_an_interrupted_build_goes_on_where_it_was(small: Subject, tmp_path: Path, at: int) -> None:
    class Stopping(Watching):
        """Counts only the looks between two levels."""

        def progress(self, done: float, total: float, text: str) -> None:
            super().progress(done, total, text)
            self.checks += text.startswith("Trying every level")
            if text.startswith("Trying every level") and self.checks == at:
                raise Cancelled

        def check(self) -> None:
            pass

    with pytest.raises(Cancelled):
        build(small, tmp_path, Stopping())
    before = [c for c in MADE_IN[tmp_path] if c in singles(small.space)]
    told, made = build(small, tmp_path)
    after = [c for c in made[: -MEASURED or None] if c in singles(small.space)]
    again = set(before) & set(after)
    int8_alone = {c for c in again if "w8a8" in small.space.precisions(np.array(c)).values()}
    assert len(before) >= at - 1
    assert again - int8_alone - {reference(small)} == set()
    assert told[-1].stage == "complete"


def reference(subject: Subject) -> tuple[int, ...]:
    """Return the choice that sizes are laid out on; made for that, not for its outputs."""
    levels = [int(len(group.levels) > 1) for group in subject.space.groups]
    return (*levels, *(0 for _ in subject.space.layers))


def test_stopped_while_checking_what_was_measured_stays(small: Subject, tmp_path: Path) -> None:
    class Stopping(Silent):
        def progress(self, done: float, total: float, text: str) -> None:
            if text == "Checking predictions, 6":
                raise Cancelled

    with pytest.raises(Cancelled):
        build(small, tmp_path, Stopping())
    kept = DatabaseFolder(tmp_path).newest()
    assert kept is not None
    assert (len(kept.known), kept.stage) == (5, "timed")
    told, made = build(small, tmp_path)
    assert len(made) == MEASURED - 5
    assert len(told[-1].known) == MEASURED


def test_interrupted_and_resumed_the_front_is_as_if_nothing_had_happened(
    small: Subject, tmp_path: Path
) -> None:
    whole, _ = build(small, tmp_path / "whole")
    for stop in (10, 25, 40):
        with pytest.raises(Cancelled):
            build(small, tmp_path / "parts", Watching(cancel_at=stop))
    parts, _ = build(small, tmp_path / "parts")
    mine = {(p.choice, round(p.score, 6), p.size_bytes) for p in parts[-1].front}
    assert mine == {(p.choice, round(p.score, 6), p.size_bytes) for p in whole[-1].front}


def test_without_timing_int8_is_still_tried_and_nothing_is_timed(
    small: Subject, tmp_path: Path, made_up_times: list[int]
) -> None:
    told, _ = build(small, tmp_path, timed=False)
    assert not made_up_times
    assert all(database.latency is None for database in told)
    rows = told[-1].changes.rows
    for row, choice in single_choices(small.space):
        if "w8a8" in small.space.precisions(choice).values():
            assert rows[row].any()
            assert told[-1].point(choice).size_bytes == len(
                made_file(small.levels, small.space, choice)
            )


def test_timed_later_the_rest_is_kept(
    small: Subject, tmp_path: Path, made_up_times: list[int]
) -> None:
    build(small, tmp_path, timed=False)
    told, made = build(small, tmp_path, timed=True)
    assert len(made_up_times) == 1
    assert told[-1].latency is not None
    assert told[-1].stage == "complete"
    assert not set(made) & {tuple(c) for c in told[-1].known.choices.tolist()} - singles(
        small.space
    )


def test_where_the_timer_fails_there_is_a_front_without_times(
    small: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise TimingFailed("no answer")

    monkeypatch.setattr(building, "build_latency_table", fail)
    told, _ = build(small, tmp_path)
    assert told[-1].stage == "complete"
    assert all(point.latency_ms is None for point in told[-1].front)


def test_times_of_the_front_correct_the_forecast(
    small: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, _ = build(small, tmp_path / "true")
    expected = told[-1].latency
    assert expected is not None

    class Cheaper(Timer):
        """A call of a whole network costs hardly anything beside its layers."""

        def __call__(self, *given: Any) -> Times:
            found = super().__call__(*given)
            return Times(found.seconds - (CALL_US - 0.1) * 1e-6, found.spread)

    monkeypatch.setattr(latency_checking, "time_together", Cheaper())
    told, _ = build(small, tmp_path / "cheaper")
    timed, last = told[-2], told[-1]
    assert timed.stage == "timed"
    assert timed.latency is not None and last.latency is not None
    assert last.latency.error > expected.error
    choices = np.array([point.choice for point in last.front if any(point.choice)], np.int16)
    space = small.space

    def share(database: Database) -> float:
        assert database.latency is not None
        whole = database.latency.predict(space, space.original)[0]
        return float(np.median(database.latency.predict_many(space, choices) / whole))

    assert share(last) < 0.97 * share(timed)


def test_times_of_another_processor_are_measured_anew(
    small: Subject, tmp_path: Path, made_up_times: list[int]
) -> None:
    told, _ = build(small, tmp_path)
    table = told[-1].latency
    assert table is not None
    elsewhere = table.conditions.model_copy(update={"cpu": "another"})
    foreign = replace(told[-1], latency=table.model_copy(update={"conditions": elsewhere}))
    for file in tmp_path.glob("latency-*"):
        file.unlink()
    DatabaseFolder(tmp_path).save(foreign)
    again, _ = build(small, tmp_path)
    assert len(made_up_times) == 2
    assert again[0].latency is None
    assert again[-1].latency is not None
    assert again[-1].latency.conditions == table.conditions


def test_more_checks_are_added_to_those_there_are(small: Subject, tmp_path: Path) -> None:
    first, _ = build(small, tmp_path, measured=10)
    more, made = build(small, tmp_path, measured=16)
    assert len(made) == 6
    assert np.array_equal(more[-1].known.choices[:10], first[-1].known.choices)


def test_networks_that_break_down_do_not_break_the_database(
    small: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Builder._in_float

    def broken(self: Builder, choice: Choice) -> Network:
        made = real(self, choice)
        is_worst = choice[0] == small.space.sizes[0] - 1
        name = next(iter(made.weights))
        return made.with_weights({name: made.weights[name] * np.nan}) if is_worst else made

    monkeypatch.setattr(Builder, "_in_float", broken)
    watching = Watching()
    told, _ = build(small, tmp_path, watching)
    assert watching.fractions == sorted(watching.fractions)
    assert np.isfinite(told[-1].changes.rows).all()
    draw = np.random.default_rng(0)
    for _ in range(10):
        point = told[-1].point(random_choice(small.space, draw))
        assert np.isfinite([point.score, *point.interval]).all()
