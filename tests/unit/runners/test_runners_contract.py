"""What every runner promises, whoever it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from example_networks import mlp

from tinystudio.jobs.events import ENDINGS, Cancelled, EngineReady, Event, Started
from tinystudio.jobs.job import InspectJob, Job, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.runners.child import ChildEngine
from tinystudio.runners.inline import InlineRunner
from tinystudio.runners.runner import Runner

PATIENCE_S = 60.0
MAKERS: dict[str, Callable[[Path], Runner]] = {"inline": InlineRunner, "child": ChildEngine}


@pytest.fixture(params=list(MAKERS))
def runner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Runner]:
    made = MAKERS[request.param](tmp_path / "artifacts")
    yield made
    made.close()


@pytest.fixture
def network(tmp_path: Path) -> str:
    """Return a network's path, with its data beside it."""
    example = mlp()
    (tmp_path / "net.onnx").write_bytes(example.network.data)
    labels = example.test.labels
    assert labels is not None
    np.savez(tmp_path / "data.npz", x=example.test.inputs[0], y=labels)
    return str(tmp_path / "net.onnx")


def variants(network: str) -> VariantsJob:
    recipe = Recipe(steps=(Step.of("dynamic-quantization"),))
    data = network.replace("net.onnx", "data.npz")
    return VariantsJob(network=network, data=data, recipes=(recipe,), time=False)


def until_ended(runner: Runner, *jobs: Job) -> list[Event]:
    """Return all that is said until these jobs have ended."""
    said: list[Event] = []
    end = time.monotonic() + PATIENCE_S
    while len([event for event in said if isinstance(event, ENDINGS)]) < len(jobs):
        assert time.monotonic() < end, f"only heard {said}"
        said.extend(runner.events(0.05))
    return [event for event in said if not isinstance(event, EngineReady)]


def test_events_of_a_job_come_in_order_and_end_once(runner: Runner, network: str) -> None:
    job = variants(network)
    runner.send(job)
    said = until_ended(runner, job)
    assert isinstance(said[0], Started)
    assert said[0].what == job
    assert [event.kind for event in said if event.kind == "variant-ready"] == ["variant-ready"] * 2
    assert said[-1].kind == "finished"
    assert sum(isinstance(event, ENDINGS) for event in said) == 1


def test_jobs_are_carried_out_in_the_order_they_were_sent(runner: Runner, network: str) -> None:
    first, second = InspectJob(network=network), InspectJob(network=network)
    runner.send(first)
    runner.send(second)
    said = until_ended(runner, first, second)
    assert [event.job for event in said if isinstance(event, Started)] == [first.id, second.id]


def test_a_job_that_cannot_be_done_fails_in_words_and_the_next_one_is_done(
    runner: Runner, network: str
) -> None:
    bad, good = InspectJob(network="nowhere.onnx"), InspectJob(network=network)
    runner.send(bad)
    runner.send(good)
    said = until_ended(runner, bad, good)
    failed, finished = (event for event in said if isinstance(event, ENDINGS))
    assert (failed.kind, finished.kind) == ("failed", "finished")


def test_a_job_cancelled_before_it_begins_still_gets_its_start_and_its_end(
    runner: Runner, network: str
) -> None:
    first, second = variants(network), variants(network)
    runner.send(first)
    runner.send(second)
    runner.cancel(second.id)
    said = until_ended(runner, first, second)
    assert [event.kind for event in said if event.job == second.id] == ["started", "cancelled"]


def test_cancelling_what_is_unknown_or_ended_does_nothing(runner: Runner, network: str) -> None:
    job = InspectJob(network=network)
    runner.send(job)
    runner.cancel("unknown")
    said = until_ended(runner, job)
    runner.cancel(job.id)
    assert said[-1].kind == "finished"
    assert runner.events(0) == ()


def test_closing_twice_is_closing_once_and_what_waits_is_put_off_in_its_order(
    runner: Runner, network: str
) -> None:
    one, other = InspectJob(network=network), InspectJob(network=network)
    runner.send(one)
    runner.send(other)
    runner.put_in_order((other.id, one.id))
    runner.close()
    runner.close()
    said = runner.events(0)
    assert [event.kind for event in said] == ["started", "cancelled"] * 2
    ends = [event for event in said if isinstance(event, Cancelled)]
    assert [(end.job, end.paused) for end in ends] == [(other.id, True), (one.id, True)]
    assert runner.events(0) == ()


def test_jobs_begin_in_the_order_they_are_put_in(runner: Runner, network: str) -> None:
    first, *rest = (InspectJob(network=network, id=id) for id in ("first", "a", "b", "c"))
    for job in (first, *rest):
        runner.send(job)
    runner.put_in_order(("c", "unknown", "a"))
    said = until_ended(runner, first, *rest)
    order = [event.job for event in said if event.kind == "started"]
    assert [id for id in order if id != "first"] == ["c", "b", "a"]
