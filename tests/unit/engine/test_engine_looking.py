"""A look at samples reads a few of them, as settings in a form have it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from example_networks import network
from onnx import helper
from PIL import Image

from tinystudio.core.data_preview import DataPreview, read_preview
from tinystudio.engine.engine import Engine
from tinystudio.engine.looking import OF_EACH
from tinystudio.jobs.events import DataSeen, Event, Failed
from tinystudio.jobs.job import InspectJob, LookJob
from tinystudio.session.runs import Runs, RunState


@pytest.fixture
def images(tmp_path: Path) -> Path:
    for name, value in (("dark", 10), ("light", 200)):
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(OF_EACH + 8):
            pixels = np.full((4, 6, 3), value, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / name / f"{number:02}.png")
    return tmp_path / "images"


@pytest.fixture
def model(tmp_path: Path) -> str:
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["a"]),
        helper.make_node("Flatten", ["a"], ["b"]),
        helper.make_node("MatMul", ["b", "w"], ["y"]),
    ]
    weights = {"w": np.array([[-1.0, 1.0]] * 3, np.float32)}
    path = tmp_path / "m.onnx"
    path.write_bytes(network(nodes, weights, {"x": ("n", 3, 4, 6)}, {"y": ("n", 2)}).data)
    return str(path)


def asked(engine: Engine, job: LookJob | InspectJob) -> Runs:
    import threading

    said: list[Event] = []
    engine.run(job, said.append, threading.Event())
    return Runs(said)


def seen(engine: Engine, model: str, data: str) -> DataPreview:
    job = LookJob(network=model, data=data)
    run = asked(engine, job)[job.id]
    assert run.state is RunState.FINISHED
    assert isinstance(run.seen, DataSeen)
    found = read_preview(run.seen.preview)
    assert found is not None
    return found


def test_it_shows_samples_as_the_settings_have_them(
    tmp_path: Path, images: Path, model: str
) -> None:
    engine = Engine(tmp_path / "artifacts")
    plain = seen(engine, model, str(images))
    assert plain.kind == "images"
    assert {item.label for item in plain.samples} == {"dark", "light"}
    grey = seen(engine, model, f"{images}?colour=grey&width=3")
    assert "3 × 4 pixels, grey" in grey.note


def test_data_of_the_gallery_is_shown_too(tmp_path: Path) -> None:
    shown = seen(Engine(tmp_path / "artifacts"), "gallery:vowels", "gallery:vowels")
    assert shown.kind != "none"
    assert shown.samples or shown.rows


def test_a_damaged_file_beyond_the_few_is_no_trouble_yet(
    tmp_path: Path, images: Path, model: str
) -> None:
    (images / "light" / "19.png").write_bytes(b"damaged")
    engine = Engine(tmp_path / "artifacts")
    assert seen(engine, model, str(images)).samples
    job = InspectJob(network=model, data=str(images))
    found = asked(engine, job)[job.id]
    assert found.problem is not None
    assert "19.png" in found.problem.detail


def test_a_setting_that_cannot_be_fails_in_words(tmp_path: Path, images: Path, model: str) -> None:
    job = LookJob(network=model, data=f"{images}?classes=dark")
    run = asked(Engine(tmp_path / "artifacts"), job)[job.id]
    assert run.problem is not None
    assert "'light'" in run.problem.detail
    assert not isinstance(run.problem, Failed)


def test_an_inspection_has_the_samples_of_its_card(
    tmp_path: Path, images: Path, model: str
) -> None:
    job = InspectJob(network=model, data=str(images))
    run = asked(Engine(tmp_path / "artifacts"), job)[job.id]
    assert run.inspection is not None
    assert run.inspection.data is not None
    card = run.inspection.data.card
    assert card is not None
    assert card.format == "image-folder"
    shown = read_preview(card.preview)
    assert shown is not None
    assert len(shown.samples) == 6
