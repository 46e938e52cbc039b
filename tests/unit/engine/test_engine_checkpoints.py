"""A training that is stopped, and the same job sent again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from engine_examples import Listening, write_example

from tinystudio.core import places
from tinystudio.engine import reporting
from tinystudio.engine.training_checkpoints import KEPT, DiskCheckpoint
from tinystudio.jobs.events import Cancelled, Event, Learned, VariantReady
from tinystudio.jobs.job import PreviewJob, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.runs import Runs
from tinystudio.session.stopped import stopped_in

TUNED = Recipe(steps=(Step.of("fine-tuning", epochs=30, patience=0),))


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")


def job(folder: Path) -> VariantsJob:
    network, data = write_example(folder)
    return VariantsJob(network=network, data=data, recipes=(TUNED,), time=False)


def made(said, recipe: Recipe = TUNED) -> bytes:
    variant = [event for event in said if isinstance(event, VariantReady)][-1].variant
    assert variant.recipe == recipe
    assert variant.artifact is not None
    return Path(variant.artifact.path).read_bytes()


def epochs(said) -> list[float]:
    return [m.epoch for event in said if isinstance(event, Learned) for m in event.moments]


def test_a_cancelled_training_goes_on_from_where_it_was(tmp_path: Path, monkeypatch) -> None:
    wanted = job(tmp_path)
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "elsewhere")
    expected = Listening(tmp_path).run(wanted)
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")
    stopped = Listening(tmp_path, stop_at="learned").run(wanted)
    assert isinstance(stopped[-1], Cancelled)
    assert list((tmp_path / "cache" / "training").glob("*.state"))
    again = Listening(tmp_path).run(wanted)  # as after a restart of the engine
    assert made(again) == made(expected)
    assert epochs(again) == epochs(expected)
    assert not list((tmp_path / "cache" / "training").glob("*.state"))


class StoppedInEpochThree(Listening):
    """Asks for the end once three epochs are told of."""

    def _hear(self, event: Event) -> None:
        super()._hear(event)
        if isinstance(event, Learned) and event.moments[-1].epoch >= 3:
            self.stop.set()


def test_what_a_cancelled_training_had_learned_is_made_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch
) -> None:
    wanted = job(tmp_path)
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "elsewhere")
    expected = Listening(tmp_path).run(wanted)
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(reporting, "LEARNED_EVERY_S", 0.0)
    runs = Runs(StoppedInEpochThree(tmp_path).run(wanted))
    stopped = stopped_in(runs[wanted.id])
    assert stopped is not None
    assert 3 <= stopped.epoch < 4
    cut = wanted.model_copy(update={"id": "cut", "recipes": (stopped.recipe,)})
    taken = Listening(tmp_path).run(cut)
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "fresh")
    assert made(taken, stopped.recipe) == made(Listening(tmp_path).run(cut), stopped.recipe)
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")
    assert made(Listening(tmp_path).run(wanted)) == made(expected)


def test_its_moments_are_named_and_lasting(tmp_path: Path) -> None:
    said = Listening(tmp_path).run(job(tmp_path))
    told = [event for event in said if isinstance(event, Learned)]
    assert all(event.is_lasting for event in told)
    assert {m.training for event in told for m in event.moments} == {TUNED.title}
    assert told[-1].moments[-1].is_over


def test_those_of_a_preview_are_not_kept(tmp_path: Path) -> None:
    network, data = write_example(tmp_path)
    said = Listening(tmp_path).run(
        PreviewJob(network=network, data=data, recipe=TUNED, number=1, samples=20)
    )
    told = [event for event in said if isinstance(event, Learned)]
    assert told and not any(event.is_lasting for event in told)


def test_a_state_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    kept = DiskCheckpoint(tmp_path, "key")
    assert kept.read() is None
    kept.write(b"state")
    assert DiskCheckpoint(tmp_path, "key").read() == b"state"
    assert DiskCheckpoint(tmp_path, "other").read() is None
    file = next(tmp_path.glob("*.state"))
    file.write_bytes(file.read_bytes()[:-1])
    assert kept.read() is None
    kept.forget()
    kept.forget()
    assert not list(tmp_path.iterdir())


def test_states_that_were_given_up_do_not_pile_up(tmp_path: Path) -> None:
    for number in range(KEPT + 5):
        kept = DiskCheckpoint(tmp_path, number)
        kept.write(b"state")
        for age, file in enumerate(sorted(tmp_path.glob("*.state"), key=os.path.getmtime)):
            os.utime(file, (age, age))
    assert len(list(tmp_path.glob("*.state"))) == KEPT
    assert kept.read() == b"state"
