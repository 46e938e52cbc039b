"""A real engine process at work: killed, cancelled, asked for more than it can show."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tinystudio.jobs.events import EngineReady, Event, Started
from tinystudio.jobs.job import PreviewJob, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.runners.child import ChildEngine
from tinystudio.session.project import Project, open_project
from tinystudio.session.runs import Run, Runs, RunState
from tinystudio.session.session import Session
from tinystudio.session.sweeps import Vary

PATIENCE_S = 90.0
TASK = "gallery:breast"
SPARSITIES = tuple(round(0.02 * index, 2) for index in range(1, 40))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with open_project(tmp_path / "story") as opened:
        yield opened


@pytest.fixture
def engine(project: Project) -> Iterator[ChildEngine]:
    made = ChildEngine(project.artifacts)
    yield made
    made.close()


def follow(
    engine: ChildEngine, session: Session, is_enough: Callable[[], bool]
) -> tuple[Event, ...]:
    """Let the session take what the engine says until it is enough."""
    said: list[Event] = []
    end = time.monotonic() + PATIENCE_S
    while not is_enough():
        assert time.monotonic() < end, (
            f"only: {[(r.state, r.text, r.problem) for r in session.runs]}"
        )
        events = engine.events(0.05)
        session.take(events)
        said.extend(events)
    return tuple(said)


def swept(session: Session) -> str:
    """Open the task and start a sweep that takes a while."""
    session.open_network(TASK, TASK)
    session.add_step("weight-pruning")
    return session.sweep([Vary("sparsity", SPARSITIES)], time=False)


def small_variants(run: Run) -> int:
    return len([item for item in run.variants if item.recipe.steps])


def test_when_the_engine_is_killed_in_mid_sweep_its_points_stay_and_a_new_one_works(
    project: Project, engine: ChildEngine
) -> None:
    session = Session(project, engine)
    job = swept(session)
    follow(engine, session, lambda: small_variants(session.runs[job]) >= 2)
    killed = engine.pid
    psutil.Process(killed).kill()
    follow(engine, session, lambda: session.runs[job].is_ended)
    run = session.runs[job]
    assert run.state is RunState.INTERRUPTED
    assert run.problem is not None
    finished = small_variants(run)
    assert finished >= 2

    again = session.retry(job)
    job_again = session.runs[again].job
    assert isinstance(job_again, VariantsJob)
    assert len(job_again.recipes) == len(SPARSITIES) - finished
    said = follow(engine, session, lambda: session.runs[again].is_ended)
    assert any(isinstance(event, EngineReady) and event.pid != killed for event in said)
    assert session.runs[again].state is RunState.FINISHED
    assert len(session.variants()) == 1 + len(SPARSITIES)


def test_a_cancelled_sweep_keeps_its_points_and_the_same_engine_goes_on(
    project: Project, engine: ChildEngine
) -> None:
    session = Session(project, engine)
    job = swept(session)
    follow(engine, session, lambda: small_variants(session.runs[job]) >= 1)
    pid = engine.pid
    session.cancel(job)
    follow(engine, session, lambda: session.runs[job].is_ended)
    assert session.runs[job].state is RunState.CANCELLED
    assert 1 <= small_variants(session.runs[job]) < len(SPARSITIES)
    last = session.measure(time=False)
    follow(engine, session, lambda: session.runs[last].is_ended)
    assert session.runs[last].state is RunState.FINISHED
    assert engine.pid == pid


def test_a_paused_sweep_lets_others_go_first_and_goes_on_after_a_restart(
    project: Project, engine: ChildEngine
) -> None:
    session = Session(project, engine)
    job = swept(session)
    follow(engine, session, lambda: small_variants(session.runs[job]) >= 1)
    session.pause(job)
    last = session.measure(time=False)
    follow(engine, session, lambda: session.runs[last].is_ended)
    assert session.runs[job].state is RunState.PAUSED
    finished = small_variants(session.runs[job])
    assert 1 <= finished < len(SPARSITIES)
    project.close()
    with open_project(project.folder) as reopened:
        later = Session(reopened, engine)
        assert [run.id for run in later.paused] == [job]
        again = later.retry(job)
        assert later.paused == ()
        follow(engine, later, lambda: later.runs[again].is_ended)
        assert small_variants(later.runs[again]) == len(SPARSITIES) - finished


def test_of_two_that_wait_the_one_that_is_moved_up_begins_first(
    project: Project, engine: ChildEngine
) -> None:
    session = Session(project, engine)
    job = swept(session)
    one, other = session.measure(time=False), session.measure(time=False)
    follow(engine, session, lambda: session.runs[job].state is RunState.RUNNING)
    session.move_job(other, one)
    assert [run.id for run in session.runs.open][-2:] == [other, one]
    session.cancel(job)
    said = follow(engine, session, lambda: session.runs[one].is_ended)
    begun = [event.job for event in said if isinstance(event, Started)]
    assert begun.index(other) < begun.index(one)


def test_opened_again_the_project_shows_everything_that_was_measured(
    project: Project, engine: ChildEngine
) -> None:
    session = Session(project, engine)
    job = swept(session)
    follow(engine, session, lambda: small_variants(session.runs[job]) >= 3)
    psutil.Process(engine.pid).kill()
    follow(engine, session, lambda: session.runs[job].is_ended)
    seen = session.variants()
    project.close()
    with open_project(project.folder) as reopened:
        again = Session(reopened, engine)
        assert [item.id for item in again.variants()] == [item.id for item in seen]
        assert [item.measurement for item in again.variants()] == [
            item.measurement for item in seen
        ]
        assert again.inspection == session.inspection
        assert again.recipe == session.recipe
        assert again.runs[job].state is RunState.INTERRUPTED
        assert all(reopened.artifact(item.variant) for item in again.variants())


def test_of_many_slider_positions_the_newest_is_shown(engine: ChildEngine) -> None:
    runs = Runs()
    asked = [
        PreviewJob(
            network=TASK, data=TASK, number=number,
            recipe=Recipe(steps=(Step.of("weight-pruning", sparsity=0.01 * number),)),
        )
        for number in range(1, 31)
    ]  # fmt: skip
    for job in asked:
        engine.send(job)
    said: list[Event] = []
    end = time.monotonic() + PATIENCE_S
    while not (asked[-1].id in runs and runs[asked[-1].id].is_ended):
        assert time.monotonic() < end
        events = engine.events(0.05)
        said.extend(events)
        for event in events:
            runs.apply(event)
    ends = [event for event in said if event.kind in ("finished", "cancelled")]
    assert len(ends) == len(asked)
    shown = [event.number for event in said if event.kind == "preview-ready"]
    assert shown[-1] == 30
    assert len(shown) < 5  # the others were overtaken before they began


def test_the_engine_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tinystudio.runners.child import ChildEngine\n"
        "if __name__ == '__main__':\n"
        "    engine = ChildEngine(Path(sys.argv[1]))\n"
        "    while not engine.events(0.1): pass\n"
        "    print(engine.pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    script = tmp_path / "starter.py"
    script.write_text(code)
    with subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        orphan = psutil.Process(int(starter.stdout.readline()))
        starter.kill()
        starter.wait()
    _, alive = psutil.wait_procs([orphan], timeout=PATIENCE_S)
    assert not alive
