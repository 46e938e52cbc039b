"""The session has a database built, follows it, and teaches it by previews."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exploration_examples import Sent, written
from explorer_examples import FRONT, MadeUp, database, two_groups
from session_events import DATA, NETWORK

from tinystudio.core.measurement import Measurement
from tinystudio.explorer.database import save_database
from tinystudio.jobs.events import DatabaseReady, Finished, PreviewReady, Started
from tinystudio.jobs.job import ExploreJob, PreviewJob
from tinystudio.session.board import Change
from tinystudio.session.project import Project, open_project
from tinystudio.session.session import Session

AT = "2026-01-01T00:00:00.000+00:00"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with open_project(tmp_path / "p") as opened:
        yield opened


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def session(project: Project, sent: Sent) -> Session:
    made = Session(project, sent)
    made.open_network(NETWORK, DATA)
    sent.jobs.clear()
    return made


def explored(session: Session, sent: Sent, path: Path) -> None:
    """Let the session's exploring run say that a state is there."""
    job = sent.jobs[-1]
    session.take(
        (
            Started(job=job.id, what=job, at=AT),
            DatabaseReady(job=job.id, path=str(path), stage="levels", seconds=1.0),
        )
    )


def test_exploring_sends_a_job_for_what_is_open(session: Session, sent: Sent) -> None:
    session.explore()
    (job,) = sent.jobs
    assert isinstance(job, ExploreJob)
    assert (job.network, job.data, job.seed) == (NETWORK, DATA, session.state.seed)
    assert [run.id for run in session.exploring] == [job.id]


def test_exploring_again_stops_the_first(session: Session, sent: Sent) -> None:
    first = session.explore()
    session.explore()
    assert sent.cancelled == [first]


def test_without_data_there_is_nothing_to_explore(project: Project, sent: Sent) -> None:
    made = Session(project, sent)
    made.open_network(NETWORK)
    assert made.explore() is None


def test_a_state_arrives_and_is_told(session: Session, sent: Sent, tmp_path: Path) -> None:
    session.explore()
    told: list[Change] = []
    session.observe(told.append)
    explored(session, sent, save_database(tmp_path, database()))
    assert Change.DATABASE in told
    assert len(session.exploration.front(None)) == len(FRONT)
    session.choose_point(np.array(FRONT[1], np.int16), "Turn the dial")
    assert session.recipe == session.exploration.recipe(np.array(FRONT[1], np.int16))


def test_a_state_of_what_is_no_longer_open_is_not_taken_up(
    session: Session, sent: Sent, tmp_path: Path
) -> None:
    session.explore()
    job = sent.jobs[-1]
    session.open_network("other.onnx", DATA)
    path = str(save_database(tmp_path, database()))
    ready = DatabaseReady(job=job.id, path=path, stage="levels", seconds=1.0)
    session.take((Started(job=job.id, what=job, at=AT), ready))
    assert session.exploration.database is None


def test_another_network_forgets_the_database(session: Session, sent: Sent, tmp_path: Path) -> None:
    session.explore()
    explored(session, sent, save_database(tmp_path, database()))
    session.open_network("other.onnx", DATA)
    assert session.exploration.database is None


def test_previews_of_the_space_bring_outputs_and_teach(
    session: Session, sent: Sent, tmp_path: Path
) -> None:
    session.explore()
    explored(session, sent, save_database(tmp_path, database()))
    made, choice = MadeUp(two_groups(), samples=40, interaction=3.0), np.array(FRONT[3], np.int16)
    number = session.ask_preview(recipe=session.exploration.recipe(choice))
    job = sent.jobs[-1]
    assert isinstance(job, PreviewJob)
    assert (job.keep_outputs, job.samples) == (True, 40)
    assert number is not None
    outputs = written(tmp_path, made.outputs(choice))
    ready = PreviewReady(
        job=job.id, number=number, recipe=job.recipe, measurement=Measurement(samples=40),
        outputs=outputs,
    )  # fmt: skip
    session.take((Started(job=job.id, what=job, at=AT), ready, Finished(job=job.id, at=AT)))
    assert session.exploration.point(choice).score == made.score(choice)


def test_exploring_leaves_no_trace_in_the_project(
    session: Session, sent: Sent, tmp_path: Path
) -> None:
    session.explore()
    explored(session, sent, save_database(tmp_path, database()))
    events = session.project.memory().events
    assert all(getattr(event, "job", "") != sent.jobs[-1].id for event in events)


def test_a_recipe_that_would_have_to_be_trained_is_not_previewed(
    session: Session, sent: Sent, tmp_path: Path
) -> None:
    session.explore()
    explored(session, sent, save_database(tmp_path, database()))
    before = len(sent.jobs)
    training = session.exploration.recipe(np.array(FRONT[1], np.int16), epochs=3.0)
    assert session.trains_anew(training)
    assert session.ask_preview(recipe=training) is None
    assert len(sent.jobs) == before


def test_a_trained_point_of_the_front_is_previewed_like_any_other(
    session: Session, sent: Sent, tmp_path: Path
) -> None:
    session.explore()
    known = database()
    point = known.front[1].model_copy(update={"epochs": 3.0, "is_measured": True})
    explored(session, sent, save_database(tmp_path, replace(known, trained=(point,))))
    recipe = session.exploration.recipe_of_point(point)
    assert session.exploration.found(recipe) == point
    assert not session.trains_anew(recipe)
    assert session.ask_preview(recipe=recipe) is not None
