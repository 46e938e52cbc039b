"""What a training has made is kept on the disk: found again, and made anew where it is damaged."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_examples import DYNAMIC, PRUNED
from example_networks import Example, mlp
from hypothesis import given, settings
from hypothesis import strategies as st

import tinystudio
from tinystudio.core import places
from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset
from tinystudio.core.errors import Cancelled
from tinystudio.core.reporter import Silent
from tinystudio.engine import kept_makings
from tinystudio.engine.kept_makings import KeptMakings, Made
from tinystudio.engine.making import make
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.techniques.distillation import Distillation
from tinystudio.techniques.technique import Context, Outcome

TRAINED = Recipe(steps=(Step.of("distillation", epochs=0.5),))
LONGER = Recipe(steps=(Step.of("distillation", epochs=0.75),))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "made"


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Note how long was trained, every time that somebody trains."""
    real, done = Distillation.apply, list[float]()

    def noting(self: Distillation, network: Network, params, context: Context) -> Outcome:  # type: ignore[no-untyped-def]
        done.append(params.epochs)
        return real(self, network, params, context)

    monkeypatch.setattr(Distillation, "apply", noting)
    yield done


EXAMPLE: Example = mlp()


def dataset(fingerprint: str = "data") -> Dataset:
    samples = EXAMPLE.calibration
    return Dataset("some", *[samples] * 4, metric="accuracy", fingerprint=fingerprint)


def made(recipe: Recipe = TRAINED, data: str = "data", seed: int = 0) -> Made:
    """Carry a recipe out as a new session would: nothing is in its memory."""
    return make(EXAMPLE.network, recipe, dataset(data), seed, Silent(), Cache())


def test_the_next_session_need_not_train_again(trainings: list[float]) -> None:
    first, second = made(), made()
    assert trainings == [0.5]
    assert second.network.data == first.network.data
    assert (second.notes, second.warnings) == (first.notes, first.warnings)
    assert first.notes


def test_what_follows_a_training_goes_on_from_the_disk(trainings: list[float]) -> None:
    first = made()
    both = made(Recipe(steps=(*TRAINED.steps, *DYNAMIC.steps)))
    assert trainings == [0.5]
    assert both.notes[: len(first.notes)] == first.notes
    assert both.network.data != first.network.data


def test_what_is_not_trained_is_not_kept(folder: Path) -> None:
    made(PRUNED)
    assert not folder.exists()


@pytest.mark.parametrize(
    "other",
    [{"seed": 1}, {"data": "other"}, {"recipe": LONGER}],
    ids=["seed", "data", "recipe"],
)
def test_another_seed_data_or_recipe_is_another_training(
    trainings: list[float], other: dict[str, object]
) -> None:
    made()
    made(**other)  # type: ignore[arg-type]
    assert len(trainings) == 2


def test_another_version_of_the_program_trains_anew(
    trainings: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    made()
    monkeypatch.setattr(tinystudio, "__version__", "99.0")
    made()
    assert len(trainings) == 2


@pytest.mark.parametrize("suffix", [".onnx", ".json"])
@pytest.mark.parametrize("damage", ["gone", "empty", "half", "a bit", "other", "folder"])
def test_a_damaged_file_is_made_again(
    folder: Path, trainings: list[float], suffix: str, damage: str
) -> None:
    first = made()
    (path,) = folder.glob(f"*{suffix}")
    whole = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage != "gone":
        bit = bytes([whole[0] ^ 4]) + whole[1:]
        told = {"empty": b"", "half": whole[: len(whole) // 2], "a bit": bit, "other": b"[1]"}
        path.write_bytes(told[damage])
    assert made().network.data == first.network.data
    assert trainings == [0.5, 0.5]
    if damage != "folder":
        made()
        assert trainings == [0.5, 0.5]


JSON = st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=4)
NOISE = st.binary(max_size=60) | JSON.map(lambda item: json.dumps(item).encode())


@settings(max_examples=25, deadline=None)
@given(NOISE)
def test_whatever_stands_in_the_files_nothing_is_found_and_nothing_breaks(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes
) -> None:
    kept = KeptMakings(tmp_path_factory.getbasetemp() / "noise")
    kept.keep("key", Made(EXAMPLE.network))
    for path in (tmp_path_factory.getbasetemp() / "noise").glob("*.json"):
        path.write_bytes(noise)
    assert kept.find("key") is None


def test_a_folder_that_cannot_be_written_is_no_error(folder: Path, trainings: list[float]) -> None:
    folder.parent.mkdir()
    folder.write_text("in the way")
    first, second = made(), made()
    assert first.network.data == second.network.data
    assert len(trainings) == 2


def test_a_folder_that_can_only_be_read_is_read(
    folder: Path, trainings: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    made()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "touch", refuse)
    made()
    assert trainings == [0.5]


def test_a_cancelled_training_leaves_nothing(folder: Path) -> None:
    class Stopping(Silent):
        checks = 0

        def check(self) -> None:
            self.checks += 1
            if self.checks > 4:
                raise Cancelled

    with pytest.raises(Cancelled):
        make(EXAMPLE.network, TRAINED, dataset(), 0, Stopping(), Cache())
    assert not folder.exists()


def test_beyond_the_limit_the_least_recently_used_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, size = KeptMakings(folder), len(EXAMPLE.network.data)
    monkeypatch.setattr(kept_makings, "LIMIT_BYTES", 2 * size)
    for age, key in ((300, "a"), (200, "b")):
        before = set(folder.glob("*"))
        kept.keep(key, Made(EXAMPLE.network))
        for path in set(folder.glob("*")) - before:
            moment = path.stat().st_mtime - age
            os.utime(path, (moment, moment))
    assert kept.find("a") is not None  # used again
    kept.keep("c", Made(EXAMPLE.network))
    assert [kept.find(key) is not None for key in "abc"] == [True, False, True]
    assert len(list(folder.iterdir())) == 4  # two files each, and nothing beside them


def test_what_is_too_large_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_makings, "LARGEST", 100)
    KeptMakings(folder).keep("key", Made(EXAMPLE.network))
    assert not folder.exists()
