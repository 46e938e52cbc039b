"""A teacher of the user's choice: followed where it fits, refused in words where it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from example_networks import Example, mlp, residual_cnn, run
from training_examples import untaught

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.techniques import find_technique
from tinystudio.techniques.distillation import PLAIN_CONTROL
from tinystudio.techniques.technique import Context

DISTILLATION = find_technique("distillation")
NAME = "/models/large.onnx"
PERMUTED = [1, 2, 3, 0]


def answering(network: Network, rows: Sequence[int]) -> Network:
    """Return the two linear layers with these of their answers, in this order."""
    weights = {name: network.weights[name][list(rows)] for name in ("w2", "b2")}
    made = network.with_weights(weights)
    model = type(made.model)()
    model.CopyFrom(made.model)
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = len(rows)
    return Network.of(model)


def taught(
    student: Example, teacher: Network, train: Samples | None = None, **values: object
) -> Network:
    train = student.calibration if train is None else train
    context = Context(
        student.network, train, "data", 0, Silent(), Cache(), train, models={NAME: teacher}
    )
    settings = {"epochs": 8.0, "batch": 32, "rate": 0.01, "labels": 0.0, "teacher": NAME}
    params = DISTILLATION.params(**{**settings, **values})
    return DISTILLATION.apply(student.network, params, context).network


def choices(network: Network, samples: Samples) -> Array:
    return np.asarray(run(network, samples.inputs)[0].argmax(axis=1))


def test_the_student_follows_its_teacher_and_not_the_original() -> None:
    student, known = untaught(), mlp()
    teacher = answering(known.network, PERMUTED)
    made = taught(student, teacher)
    wanted = choices(teacher, student.test)
    assert (choices(made, student.test) == wanted).mean() > 0.8
    assert student.accuracy(made) < 0.2


@pytest.mark.parametrize("answers", ["response", "decoupled", "relational"])
def test_every_way_of_comparing_answers_hears_the_teacher(answers: str) -> None:
    student, teacher = untaught(), mlp().network
    assert student.accuracy(taught(student, teacher, answers=answers)) > 0.7


def test_a_teacher_of_another_graph_can_teach() -> None:
    student = residual_cnn()
    narrow = find_technique("student")
    drawn = np.random.default_rng(5).normal(0, 0.1, (4, 64)).astype("f4")
    flat = student.network.with_weights({"fc_w": drawn})
    untrained = Example(flat, student.calibration, student.test)
    other = narrow.apply(
        student.network,
        narrow.params(width=0.5),
        Context(student.network, student.calibration, "data", 0, Silent(), Cache()),
    ).network
    made = taught(untrained, other)
    assert student.accuracy(made) > student.accuracy(flat) + 0.3


def test_a_teacher_with_other_classes_is_refused_with_both_counts() -> None:
    with pytest.raises(UserError) as error:
        taught(untaught(), answering(mlp().network, [0, 1, 2]))
    assert error.value.detail == "large.onnx tells 3 classes apart; the model has 4."
    assert "Choose a teacher" in error.value.hint


def test_a_teacher_for_other_inputs_is_refused_with_both_shapes() -> None:
    with pytest.raises(UserError, match="wants any x 3 x 8 x 8; the data has") as error:
        taught(untaught(), residual_cnn().network)
    assert error.value.detail.startswith("large.onnx: ")


def test_a_teacher_whose_file_names_other_classes_is_refused_with_their_names() -> None:
    student, teacher = untaught(), mlp().network
    mine = student.network.with_metadata({"classes": '["cat", "dog", "cow", "pig"]'})
    theirs = teacher.with_metadata({"tinystudio.classes": '["cat", "cow", "dog", "pig"]'})
    named = Example(mine, student.calibration, student.test)
    with pytest.raises(UserError, match=r"Class 2 of large\.onnx is cow; that of the model is dog"):
        taught(named, theirs)
    taught(named, teacher, epochs=0.1)  # one that names none is taken at its word


@pytest.mark.parametrize("transfer", ["hints", "attention"])
def test_comparing_inside_needs_tensors_of_the_same_names(transfer: str) -> None:
    student = residual_cnn()
    model = type(student.network.model)()
    model.CopyFrom(student.network.model)
    for node in model.graph.node:
        for names in (node.input, node.output):
            renamed = [f"other_{name}" if name.startswith("t") else name for name in names]
            del names[:]
            names.extend(renamed)
    with pytest.raises(UserError, match="no hidden tensor with its teacher"):
        taught(student, Network.of(model), inside=transfer, epochs=0.1)


def test_comparing_inside_works_with_a_teacher_of_the_same_graph() -> None:
    student = residual_cnn()
    other = student.network.with_weights({"fc_b": student.network.weights["fc_b"] + 0.1})
    assert taught(student, other, inside="hints", epochs=0.5).data != student.network.data


@pytest.mark.parametrize("beside", [{"inside": "attention"}, {"augment": "fits"}])
def test_a_teacher_with_a_fixed_batch_teaches_by_its_answers_alone(beside: dict[str, str]) -> None:
    student, fixed = residual_cnn(), residual_cnn(batch=8).network
    taught(student, fixed, epochs=0.1)
    with pytest.raises(UserError, match="takes 8 samples at a time") as error:
        taught(student, fixed, epochs=0.1, **beside)
    assert error.value.detail.startswith("large.onnx cannot be run beside the training")


def test_a_quantized_teacher_teaches_by_its_answers_alone() -> None:
    student = untaught()
    quantization = find_technique("static-quantization")
    known = mlp()
    context = Context(known.network, known.calibration, "data", 0, Silent(), Cache())
    teacher = quantization.apply(known.network, quantization.params(), context).network
    assert student.accuracy(taught(student, teacher)) > 0.7
    with pytest.raises(UserError, match="cannot be run beside the training"):
        taught(student, teacher, inside="hints")


def test_the_plain_control_learns_nothing_from_the_teacher() -> None:
    student, known = untaught(), mlp()
    one = taught(student, known.network, labels=1.0, epochs=1.0)
    other = taught(student, answering(known.network, PERMUTED), labels=1.0, epochs=1.0)
    assert one.data == other.data
    params = DISTILLATION.params(labels=1.0, teacher=NAME)
    assert DISTILLATION.series(params) == PLAIN_CONTROL
    assert "large" not in DISTILLATION.describe(params)


def test_repeats_differ_and_are_each_the_same_again() -> None:
    student, teacher = untaught(), mlp().network
    first, second, again = (taught(student, teacher, epochs=1.0, repeat=n) for n in (0, 1, 1))
    assert first.data != second.data
    assert second.data == again.data


def test_without_labels_the_teacher_is_enough() -> None:
    student = untaught()
    bare = replace(student.calibration, labels=None)
    assert student.accuracy(taught(student, mlp().network, bare)) > 0.7


def test_the_words_name_the_teacher_and_recipes_from_before_stay_the_same() -> None:
    params = DISTILLATION.params(teacher=NAME, repeat=1)
    assert DISTILLATION.describe(params) == "distilled 8 epochs from large.onnx, again 1"
    assert "teacher" not in DISTILLATION.params().written()
