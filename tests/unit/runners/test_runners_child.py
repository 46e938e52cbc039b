"""An engine process that dies, does not hear, or is told to end."""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import odd_engines
import psutil
import pytest

from tinystudio.jobs.events import Cancelled, EngineReady, Event, Interrupted, Started
from tinystudio.jobs.job import InspectJob
from tinystudio.runners import child
from tinystudio.runners.child import MOST_FAILED_STARTS, ChildEngine
from tinystudio.session.runs import Runs, RunState

PATIENCE_S = 60.0


@contextmanager
def engine(tmp_path: Path, cancel_patience_s: float = 0.1) -> Iterator[ChildEngine]:
    made = ChildEngine(tmp_path, cancel_patience_s)
    try:
        yield made
    finally:
        made.close()


def until(runner: ChildEngine, is_enough: Callable[[list[Event]], bool]) -> list[Event]:
    """Return what the runner says until it is enough."""
    said: list[Event] = []
    end = time.monotonic() + PATIENCE_S
    while not is_enough(said):
        assert time.monotonic() < end, f"only heard {said}"
        said.extend(runner.events(0.05))
    return said


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end


def has(kind: type[Event]) -> Callable[[list[Event]], bool]:  # type: ignore[valid-type]
    return lambda said: any(isinstance(event, kind) for event in said)


def test_an_engine_that_does_not_hear_a_cancel_is_ended_and_the_job_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(child.engine_process, "main", odd_engines.deaf)
    with engine(tmp_path) as runner:
        job = InspectJob(network="n")
        runner.send(job)
        until(runner, has(Started))
        deaf_pid = runner.pid
        runner.cancel(job.id)
        said = until(runner, has(Cancelled))
        assert said[-1].kind == "cancelled"
        until(runner, has(EngineReady))
        assert runner.pid != deaf_pid
    assert "did not hear" in caplog.text
    caplog.clear()


def test_the_job_that_ran_is_interrupted_and_the_one_that_waited_goes_to_the_next_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child.engine_process, "main", odd_engines.deaf)
    with engine(tmp_path) as runner:
        first, second = InspectJob(network="first"), InspectJob(network="second")
        runner.send(first)
        until(runner, has(Started))
        runner.send(second)
        psutil.Process(runner.pid).kill()
        runs = Runs([Started(job=first.id, what=first, at="")])
        for event in until(runner, lambda said: has(Interrupted)(said) and has(Started)(said)):
            runs.apply(event)
        assert runs[first.id].state is RunState.INTERRUPTED
        assert runs[second.id].state is RunState.RUNNING


def test_a_job_that_killed_two_engines_is_not_sent_to_a_third(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child.engine_process, "main", odd_engines.poisoned)
    with engine(tmp_path) as runner:
        job = InspectJob(network="n")
        runner.send(job)
        said = until(runner, has(Interrupted))
        assert sum(isinstance(event, EngineReady) for event in said) == 2
        assert [event.kind for event in said if event.kind != "engine-ready"] == [
            "started", "interrupted",
        ]  # fmt: skip


def test_while_a_dying_engine_is_waited_for_the_next_job_is_taken_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child.engine_process, "main", odd_engines.hung_up)
    monkeypatch.setattr(child, "CLOSE_PATIENCE_S", PATIENCE_S)
    with engine(tmp_path) as runner:
        until(runner, has(EngineReady))
        pid = runner.pid
        assert pid is not None
        listener = threading.Thread(target=lambda: until(runner, has(Interrupted)), daemon=True)
        listener.start()
        runner.send(InspectJob(network="first"))
        wait_for(lambda: runner.pid is None)
        runner.send(InspectJob(network="second"))
        assert psutil.pid_exists(pid)
        psutil.Process(pid).kill()
        listener.join()
        monkeypatch.setattr(child, "CLOSE_PATIENCE_S", 0.1)


def test_an_engine_that_never_starts_is_given_up_and_its_jobs_are_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child.engine_process, "main", odd_engines.stillborn)
    with engine(tmp_path) as runner:
        for _ in range(MOST_FAILED_STARTS):
            runner.events(PATIENCE_S)
        assert runner.pid is None
        assert runner.events(0.0) == ()
        assert runner.pid is None
        runner.send(InspectJob(network="n"))
        said = until(runner, has(Interrupted))
        assert "code 4" in said[-1].reason


def test_a_job_cancelled_before_it_began_is_cancelled_when_the_engine_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child.engine_process, "main", odd_engines.stillborn)
    with engine(tmp_path) as runner:
        job = InspectJob(network="n")
        runner.send(job)
        runner.cancel(job.id)
        said = until(runner, has(Cancelled))
        assert [event.kind for event in said] == ["started", "cancelled"]


def test_closing_ends_the_process_and_interrupts_what_was_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    monkeypatch.setattr(child.engine_process, "main", odd_engines.deaf)
    monkeypatch.setattr(child, "CLOSE_PATIENCE_S", 0.1)
    runner = ChildEngine(tmp_path)
    runner.send(InspectJob(network="n"))
    until(runner, has(Started))
    pid = runner.pid
    assert pid is not None
    runner.close()
    runner.close()
    assert not psutil.pid_exists(pid)
    assert [event.kind for event in runner.events(0)] == ["interrupted"]


def test_when_no_process_can_be_started_the_job_ends_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(child._SPAWN, "Process", refuse)
    with engine(tmp_path) as runner:
        runner.send(InspectJob(network="n"))
        said = until(runner, has(Interrupted))
        assert "Resource temporarily" in said[-1].reason
