"""The fold over events."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session_events import (
    ORIGINAL,
    SMALL,
    endings,
    finished,
    job,
    ready,
    started,
    variant,
    whole_run,
)

from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement
from tinystudio.jobs.events import (
    EVENT,
    EngineReady,
    Event,
    Failed,
    PreviewReady,
    Progressed,
    VariantFailed,
)
from tinystudio.jobs.job import PreviewJob
from tinystudio.session.runs import Runs, RunState

IDS = st.sampled_from(["a", "b"])


def some_event(id: str) -> st.SearchStrategy[Event]:
    fractions = st.floats(0, 1).map(lambda share: Progressed(job=id, fraction=share, text=""))
    others = (started(job(id)), ready(variant(), id), ready(variant(ORIGINAL), id), *endings(id))
    return fractions | st.sampled_from(others)


EVENTS = st.lists(IDS.flatmap(some_event), max_size=30)


@given(EVENTS)
def test_after_any_events_in_any_order_the_runs_are_in_a_valid_state(events: list[Event]) -> None:
    runs = Runs()
    for event in events:
        runs.apply(event)
        for run in runs:
            assert 0 <= run.fraction <= 1
            assert run.is_ended == bool(run.ended_at)
            assert (run.problem is not None) == (
                run.state in (RunState.FAILED, RunState.INTERRUPTED)
            )
            assert len({item.id for item in run.variants}) == len(run.variants)


@given(EVENTS, st.integers(0, 30))
def test_folding_in_two_goes_is_folding_in_one(events: list[Event], cut: int) -> None:
    runs = Runs(events[:cut])
    for event in events[cut:]:
        runs.apply(event)
    assert list(runs) == list(Runs(events))


@given(EVENTS, st.sampled_from(endings("a")), EVENTS)
def test_late_events_of_an_ended_run_are_ignored(
    before: list[Event], ending: Event, late: list[Event]
) -> None:
    runs = Runs([started(job("a")), *before, ending])
    ended = runs["a"]
    for event in late:
        runs.apply(event)
    assert runs["a"] == ended


@given(EVENTS)
def test_progress_never_goes_back(events: list[Event]) -> None:
    runs, furthest = Runs([started(job("a"))]), 0.0
    for event in events:
        runs.apply(event)
        assert runs["a"].fraction >= furthest
        furthest = runs["a"].fraction


@given(EVENTS)
def test_events_survive_the_way_through_json(events: list[Event]) -> None:
    assert [EVENT.validate_json(EVENT.dump_json(event)) for event in events] == events


def test_what_is_not_a_number_travels_as_null() -> None:
    event = Progressed(job="a", fraction=0.5, text="", seconds_left=float("nan"))
    assert b'"seconds_left":null' in EVENT.dump_json(event)


def test_a_job_that_is_expected_waits_until_it_starts() -> None:
    runs = Runs()
    runs.expect(job())
    assert runs["job"].state is RunState.WAITING
    runs.apply(started(job()))
    assert runs["job"].state is RunState.RUNNING
    assert runs.open == (runs["job"],)


def test_a_whole_run_ends_finished_with_its_variants_in_order() -> None:
    run = Runs(whole_run())["job"]
    assert run.state is RunState.FINISHED
    assert [item.recipe for item in run.variants] == [ORIGINAL, SMALL]
    assert run.fraction == 1


def test_events_of_a_job_nobody_started_change_nothing() -> None:
    runs = Runs([ready(variant()), finished()])
    assert len(runs) == 0


def test_a_recipe_that_fails_leaves_the_run_going() -> None:
    failure = VariantFailed(job="job", recipe=SMALL, title="t", detail="d", hint="h")
    run = Runs([started(job()), failure, ready(variant())])["job"]
    assert run.state is RunState.RUNNING
    assert run.failures == (failure,)
    assert len(run.variants) == 1


def test_the_problem_of_a_failed_run_can_be_raised() -> None:
    failed = Failed(job="job", title="title", detail="detail", hint="hint", at="now")
    with pytest.raises(UserError, match="detail"):
        Runs([started(job()), failed])["job"].raise_problem()


def test_of_ended_previews_only_the_newest_is_kept() -> None:
    runs = Runs()
    for number in range(3):
        preview = PreviewJob(id=f"p{number}", network="n", data="d", recipe=SMALL, number=number)
        runs.apply(started(preview))
        runs.apply(
            PreviewReady(job=preview.id, number=number, recipe=SMALL, measurement=Measurement())
        )
        runs.apply(finished(preview.id))
    assert [run.id for run in runs] == ["p2"]


def test_the_engine_that_spoke_last_is_known() -> None:
    engine = EngineReady(pid=1, cpu="here", instruction_sets=())
    assert Runs([engine]).engine == engine
