"""A recipe that names a teacher: opened as any model is, kept by what its file holds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from engine_examples import Listening, write_example
from example_networks import CLASSES, mlp, run
from training_examples import untaught

from tinystudio.core import places
from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.engine.making import make
from tinystudio.graph.network import Network
from tinystudio.jobs.events import VariantFailed, VariantReady
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.techniques.fine_tuning import FineTuning

STUDENT, KNOWN = untaught(), mlp()


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")


def permuted(order: list[int]) -> Network:
    """Return the network that knows the data, its answers in another order."""
    weights = KNOWN.network.weights
    return KNOWN.network.with_weights({name: weights[name][order] for name in ("w2", "b2")})


def taught_by(reference: str, *before: Step, cache: Cache | None = None) -> Network:
    """Carry out a distillation as a new session would: nothing is in its memory."""
    step = Step.of("distillation", teacher=reference, epochs=8.0, labels=0.0, rate=0.01, batch=32)
    data = Dataset("some", *[STUDENT.calibration] * 4, metric="accuracy", fingerprint="data")
    recipe = Recipe(steps=(*before, step))
    return make(STUDENT.network, recipe, data, 0, Silent(), cache or Cache()).network


def agreement(made: Network, teacher: Network) -> float:
    mine, theirs = (run(net, STUDENT.test.inputs)[0].argmax(axis=1) for net in (made, teacher))
    return float(np.mean(mine == theirs))


def test_a_student_follows_the_teacher_in_a_file(tmp_path: Path) -> None:
    file, teacher = tmp_path / "teacher.onnx", permuted([1, 2, 3, 0])
    file.write_bytes(teacher.data)
    assert agreement(taught_by(str(file)), teacher) > 0.8


@pytest.mark.parametrize("cache", [None, Cache()], ids=["new session", "same session"])
def test_a_teacher_whose_file_was_replaced_is_not_served_from_what_was_kept(
    tmp_path: Path, cache: Cache | None
) -> None:
    file, one, other = tmp_path / "teacher.onnx", permuted([1, 2, 3, 0]), permuted([3, 2, 1, 0])
    file.write_bytes(one.data)
    before = file.stat()
    taught_by(str(file), cache=cache)
    file.unlink()
    file.write_bytes(other.data)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert agreement(taught_by(str(file), cache=cache), other) > 0.8


def test_the_same_teacher_elsewhere_is_another_recipe_and_the_same_student(tmp_path: Path) -> None:
    made = []
    for name in ("a.onnx", "b.onnx"):
        (tmp_path / name).write_bytes(KNOWN.network.data)
        made.append(taught_by(str(tmp_path / name)).data)
    assert made[0] == made[1]


def test_a_teacher_with_other_classes_is_refused_before_any_step_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = KNOWN.network.weights
    few = KNOWN.network.with_weights({name: weights[name][:3] for name in ("w2", "b2")})
    model = onnx.ModelProto.FromString(few.data)
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 3
    file = tmp_path / "teacher.onnx"
    file.write_bytes(model.SerializeToString())
    monkeypatch.setattr(FineTuning, "apply", lambda *_: pytest.fail("a step was taken"))
    with pytest.raises(UserError, match=f"3 classes apart; the model has {CLASSES}"):
        taught_by(str(file), Step.of("fine-tuning"))


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"\x80\x04]\x94.", "not an ONNX file"), (b"", "not an ONNX file"), (None, "No such file")],
    ids=["pickle", "empty", "missing"],
)
def test_a_teacher_that_cannot_be_opened_is_an_error_in_words(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    file = tmp_path / "teacher.onnx"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserError, match=why) as error:
        taught_by(str(file))
    assert "teacher.onnx was not opened" in error.value.title


@pytest.mark.parametrize("name", ["gallery:none", "a\0b", "\ud800.onnx", "x" * 5000])
def test_a_reference_that_names_nothing_is_an_error_in_words(name: str) -> None:
    with pytest.raises(UserError, match="was not opened"):
        taught_by(name)


def test_a_variant_notes_its_teacher_and_its_file_tells_no_folder(tmp_path: Path) -> None:
    network, data = write_example(tmp_path)
    teacher = tmp_path / "teacher.onnx"
    teacher.write_bytes(KNOWN.network.data)
    recipe = Recipe(steps=(Step.of("distillation", teacher=str(teacher), epochs=0.1),))
    job = VariantsJob(network=network, data=data, recipes=(recipe,), time=False)
    made = [e.variant for e in Listening(tmp_path).run(job) if isinstance(e, VariantReady)][-1]
    assert made.models == {str(teacher): KNOWN.network.fingerprint}
    assert made.recipe == recipe
    assert made.artifact is not None
    written = onnx.load(made.artifact.path)
    stamped = {item.key: item.value for item in written.metadata_props}["tinystudio.recipe"]
    assert json.loads(stamped)["steps"][0]["teacher"] == "teacher.onnx"


def test_a_job_goes_on_with_other_recipes_where_a_teacher_is_missing(tmp_path: Path) -> None:
    network, data = write_example(tmp_path)
    lost = Recipe(steps=(Step.of("distillation", teacher="/lost.onnx"),))
    other = Recipe(steps=(Step.of("weight-pruning"),))
    job = VariantsJob(network=network, data=data, recipes=(lost, other), time=False)
    said = Listening(tmp_path).run(job)
    assert [e.recipe for e in said if isinstance(e, VariantFailed)] == [lost]
    assert [e.variant.recipe for e in said if isinstance(e, VariantReady)][-1] == other
