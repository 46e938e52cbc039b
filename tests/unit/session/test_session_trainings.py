"""The curves of trainings in the fold, and after a project was closed and opened again."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from session_events import AT, finished, job, started

from tinystudio.core.moment import Moment
from tinystudio.jobs.events import EVENT, Cancelled, Learned
from tinystudio.session.project import open_project
from tinystudio.session.records import is_lasting
from tinystudio.session.runs import Runs


def moment(epoch: float, training: str = "a") -> Moment:
    return Moment(epoch=epoch, epochs=4, loss=1.0, training=training)


def learned(*moments: Moment) -> Learned:
    return Learned(job="job", moments=moments)


def curves(runs: Runs) -> dict[str, list[float]]:
    return {item.title: [m.epoch for m in item.moments] for item in runs["job"].trainings}


@given(st.lists(st.integers(1, 3), min_size=1, max_size=5))
def test_however_the_points_are_parcelled_the_curve_is_the_same(sizes: list[int]) -> None:
    points = [moment(float(at)) for at in range(sum(sizes))]
    runs, at = Runs([started(job())]), 0
    for size in sizes:
        runs.apply(learned(*points[at : at + size]))
        at += size
    assert curves(runs) == {"a": [float(at) for at in range(sum(sizes))]}


def test_the_last_point_told_again_with_what_was_kept_stands_in_its_place() -> None:
    points = [moment(float(at)) for at in range(3)]
    kept = points[-1].model_copy(update={"start_kept": True})
    runs = Runs([started(job()), learned(*points), learned(kept)])
    assert curves(runs) == {"a": [0.0, 1.0, 2.0]}
    assert runs["job"].trainings[0].moments[-1].start_kept


def test_every_training_of_a_job_has_its_own_curve_in_the_order_they_began() -> None:
    both = learned(moment(0), moment(1), moment(0, "b"), moment(1, "b"))
    runs = Runs([started(job()), both, learned(moment(2, "b"))])
    assert curves(runs) == {"a": [0, 1], "b": [0, 1, 2]}


def test_a_training_that_begins_again_begins_its_curve_again() -> None:
    runs = Runs([started(job()), learned(moment(0), moment(1), moment(2)), learned(moment(0))])
    assert curves(runs) == {"a": [0]}


def test_curves_are_there_again_when_the_project_is_opened(tmp_path: Path) -> None:
    told = [started(job()), learned(moment(0), moment(1)), Cancelled(job="job", at=AT)]
    project = open_project(tmp_path / "p.tinystudio")
    project.write(told)
    project.close()
    again = open_project(tmp_path / "p.tinystudio")
    runs = Runs(again.memory().events)
    again.close()
    assert curves(runs) == {"a": [0, 1]}


def test_curves_of_what_is_not_kept_are_not_kept_either() -> None:
    passing = Learned(job="job", moments=(moment(0),), is_lasting=False)
    assert not is_lasting(passing)
    assert is_lasting(learned(moment(0)))


def test_what_comes_after_the_end_changes_nothing() -> None:
    runs = Runs([started(job()), learned(moment(0)), finished()])
    assert runs.apply(learned(moment(1))) is None


def test_moments_go_through_the_pipe_unchanged() -> None:
    event = learned(Moment(epoch=0.5, epochs=4, score=0.9, metric="accuracy", is_best=True))
    assert EVENT.validate_json(EVENT.dump_json(event)) == event
