"""A model file that is another one than was measured: noticed, and nothing is mixed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from session_events import (
    DATA,
    NETWORK,
    ORIGINAL,
    SMALL,
    finished,
    job,
    ready,
    started,
    variant,
)

from tinystudio.jobs.events import Event, Inspected
from tinystudio.jobs.inspection import Inspection
from tinystudio.jobs.job import InspectJob, Job, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.goals import Goal, meets
from tinystudio.session.project import open_project
from tinystudio.session.session import Session
from tinystudio.session.sweeps import Vary


class Sent:
    """Notes what is sent instead of doing it."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def send(self, job: Job) -> None:
        self.jobs.append(job)

    def cancel(self, job: str, pause: bool = False) -> None: ...


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def session(tmp_path: Path, sent: Sent) -> Iterator[Session]:
    """Return a session on a file "old", whose original and one variant are measured."""
    with open_project(tmp_path / "p") as project:
        made = Session(project, sent)
        made.open_network(NETWORK, DATA)
        look, measure = sent.jobs
        made.take(looked(look, "old"))
        made.take(measured(measure, "old"))
        sent.jobs.clear()
        yield made


def looked(look: Job, source: str) -> tuple[Event, ...]:
    seen = Inspection(
        title="net", parameters=1, macs=None, weight_bytes=4, size_bytes=9, opset=17, producer="",
        peak_activation_bytes=None, inputs=(), outputs=(), layers=(), groups=(), preflight=(),
        fingerprint=source,
    )  # fmt: skip
    return (started(look), Inspected(job=look.id, inspection=seen), finished(look.id))


def measured(measure: Job, source: str, score: float = 0.9) -> tuple[Event, ...]:
    return (
        started(measure),
        ready(variant(ORIGINAL, 0.95, source=source), measure.id),
        ready(variant(SMALL, score, source=source), measure.id),
        finished(measure.id),
    )


def reopen(session: Session, sent: Sent, source: str) -> None:
    session.open_network(NETWORK, DATA)
    session.take(looked(sent.jobs[-1], source))


def test_the_same_file_opened_again_keeps_its_figures(session: Session, sent: Sent) -> None:
    reopen(session, sent, "old")
    assert [type(item) for item in sent.jobs] == [InspectJob]
    assert not any(item.is_outdated for item in session.variants())


def test_the_figures_of_a_changed_file_are_stale_and_its_original_is_measured_anew(
    session: Session, sent: Sent
) -> None:
    reopen(session, sent, "new")
    assert session.original is None
    for item in session.variants():
        figures = item.measurement
        assert {figures.score_status, figures.latency_ms_status} == {"stale"}
        assert "has changed" in figures.warnings[0]
    look, measure = sent.jobs
    assert isinstance(look, InspectJob)
    assert isinstance(measure, VariantsJob)
    assert measure.recipes == ()


def test_stale_figures_are_neither_on_the_front_nor_chosen(session: Session, sent: Sent) -> None:
    reopen(session, sent, "new")
    assert session.front("size_bytes") == ()
    assert session.best() is None
    assert not any(meets(item, [Goal("accuracy_drop", 1.0)]) for item in session.variants()[1:])


def test_what_is_measured_again_is_no_longer_stale(session: Session, sent: Sent) -> None:
    reopen(session, sent, "new")
    session.take(measured(sent.jobs[-1], "new", 0.7))
    assert [item.measurement.score for item in session.variants()] == [0.95, 0.7]
    assert not any(item.is_outdated for item in session.variants())
    assert session.original is not None


def test_a_change_is_noticed_when_something_is_measured_and_the_file_looked_at_again(
    session: Session, sent: Sent
) -> None:
    session.take((started(job("more")), ready(variant(ORIGINAL, 0.6, source="new"), "more")))
    assert [item.is_outdated for item in session.variants()] == [False, True]
    session.take((finished("more"),))
    (look,) = sent.jobs
    assert isinstance(look, InspectJob)
    session.take(looked(look, "new"))
    assert len(sent.jobs) == 1


def test_a_sweep_measures_again_what_is_stale(session: Session, sent: Sent) -> None:
    session.edit(SMALL, "Choose")
    values = Vary("per_channel", (True, False))
    session.sweep((values,))
    reopen(session, sent, "new")
    session.edit(SMALL, "Choose")
    session.sweep((values,))
    first, last = (item for item in (sent.jobs[0], sent.jobs[-1]) if isinstance(item, VariantsJob))
    assert len(last.recipes) == len(first.recipes) + 1


def test_a_project_that_noted_no_fingerprints_keeps_its_figures(tmp_path: Path, sent: Sent) -> None:
    with open_project(tmp_path / "older") as project:
        session = Session(project, sent)
        session.open_network(NETWORK, DATA)
        session.take(measured(sent.jobs[-1], ""))
        session.take(looked(sent.jobs[0], "new"))
        assert session.original is not None


TAUGHT = Recipe(steps=(Step.of("distillation", teacher="teacher.onnx"),))


def taught(measure: Job, teacher: str) -> tuple[Event, ...]:
    made = variant(TAUGHT, 0.9, source="old").model_copy(
        update={"models": {"teacher.onnx": teacher}}
    )
    return (started(measure), ready(made, measure.id), finished(measure.id))


def test_figures_learned_from_a_teacher_that_is_another_now_are_stale(
    session: Session, sent: Sent
) -> None:
    session.take(taught(job("a", "validation", TAUGHT), "one"))
    (before,) = (item for item in session.variants() if item.variant.recipe == TAUGHT)
    assert not before.is_outdated
    other = TAUGHT.with_step(0, TAUGHT.steps[0].replace(epochs=3.0))
    newer = variant(other, 0.9, source="old").model_copy(update={"models": {"teacher.onnx": "two"}})
    session.take((started(job("b", "validation", other)), ready(newer, "b"), finished("b")))
    outdated = {item.variant.recipe: item.is_outdated for item in session.variants()}
    assert outdated[TAUGHT]
    assert not outdated[other]
    assert not outdated[SMALL]


def test_a_sweep_asks_again_for_what_a_teacher_taught(session: Session, sent: Sent) -> None:
    session.take(taught(job("a", "validation", TAUGHT), "one"))
    session.edit(TAUGHT, "teacher")
    session.sweep((Vary("repeat", (0,)),))
    (asked,) = (item for item in sent.jobs if isinstance(item, VariantsJob))
    assert asked.recipes == (TAUGHT,)
