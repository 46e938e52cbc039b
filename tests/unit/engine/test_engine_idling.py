"""What an engine does in pauses: a step at a time, the newest thing, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_examples import write_example

from tinystudio.core.cache import Cache
from tinystudio.core.errors import UserError
from tinystudio.engine.engine import Engine
from tinystudio.engine.idling import IdleWork, front_made_ready
from tinystudio.explorer.database import load_database
from tinystudio.explorer.recipes import recipe_of
from tinystudio.jobs.events import DatabaseReady, Event
from tinystudio.jobs.job import ExploreJob, PreviewJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.solvers.layer_weights import LayerWeights


def counting(done: list[int], count: int) -> Iterator[None]:
    for number in range(count):
        done.append(number)
        yield


def test_work_is_done_a_step_at_a_time_and_ends() -> None:
    idle, done = IdleWork(), list[int]()
    idle.want("a", lambda: counting(done, 2))
    idle.step()
    assert done == [0]
    idle.step()
    idle.step()
    assert done == [0, 1]
    assert not idle.is_pending


def test_what_was_asked_for_before_is_not_begun_again_and_a_newer_wish_wins() -> None:
    idle, done, other = IdleWork(), list[int](), list[int]()
    idle.want("a", lambda: counting(done, 5))
    idle.step()
    idle.want("a", lambda: counting(done, 5))
    idle.step()
    assert done == [0, 1]
    idle.want("b", lambda: counting(other, 1))
    idle.step()
    assert (done, other) == ([0, 1], [0])


def test_what_cannot_be_done_is_noted_in_the_log_and_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def failing() -> Iterator[None]:
        raise UserError("The model was not opened", "It is gone.", "Open it again.")
        yield

    idle = IdleWork()
    idle.want("a", failing)
    idle.step()
    assert not idle.is_pending
    assert "It is gone." in caplog.text
    caplog.clear()


def test_after_the_pauses_a_point_of_the_front_needs_no_weights_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, data = write_example(tmp_path)
    said: list[Event] = []
    explored = Engine(tmp_path / "artifacts")
    job = ExploreJob(network=network, data=data, time=False, measured=3)
    import threading

    explored.run(job, said.append, threading.Event())
    path = Path([event.path for event in said if isinstance(event, DatabaseReady)][-1])
    database = load_database(path)
    cache, fresh = Cache(), list[str]()
    whole = LayerWeights._make

    def counted(self, node, mask, bits):
        fresh.append(node)
        return whole(self, node, mask, bits)

    preview = PreviewJob(network=network, data=data, recipe=Recipe(), number=1, database=str(path))
    for _ in front_made_ready(preview, path, cache):
        pass
    monkeypatch.setattr(LayerWeights, "_make", counted)
    engine = Engine(tmp_path / "artifacts", cache)
    for point in database.front:
        recipe = recipe_of(database.space, point.choice)
        asked = preview.model_copy(update={"recipe": recipe, "id": f"p{len(said)}"})
        engine.run(asked, said.append, threading.Event())
    assert fresh == []
