"""What a training aims at: labels and the teacher, told apart and weighed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from example_networks import network
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper
from torch import Tensor

from tinystudio.graph.network import Network
from tinystudio.training.objectives import Objective, as_logits

SEEDS = st.integers(0, 10_000)


def logits(seed: int, count: int = 12, classes: int = 4) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(0, 2, (count, classes)))


def classes(seed: int, count: int = 12, of: int = 4) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).integers(0, of, count))


def everything(answers: Tensor) -> Tensor:
    return torch.arange(len(answers))


def loss(objective: Objective, answers: Tensor) -> float:
    return float(objective.loss(answers, everything(answers)))


def ending(*operators: str) -> Network:
    """Return a network that does nothing but what it ends in."""
    names = ["x", *(f"t{at}" for at in range(len(operators) - 1)), "y"]
    nodes = [
        helper.make_node(op, names[at : at + 1], names[at + 1 : at + 2], f"{op}{at}")
        for at, op in enumerate(operators)
    ]
    return network(nodes, {}, {"x": ("n", 4)}, {"y": ("n", 4)})


@given(SEEDS)
def test_of_the_teachers_own_answers_nothing_is_wrong_and_of_others_something(seed: int) -> None:
    teacher = logits(seed)
    aim = Objective(True, None, teacher)
    assert loss(aim, teacher) == pytest.approx(0, abs=1e-9)
    assert loss(aim, teacher + 7) == pytest.approx(0, abs=1e-9)  # the same probabilities
    assert loss(aim, logits(seed + 1)) > 0.01


@given(SEEDS, st.floats(0, 1), st.floats(1, 20))
def test_labels_and_teacher_are_weighed_by_the_share(seed: int, share: float, warm: float) -> None:
    answers, teacher, labels = logits(seed), logits(seed + 1), classes(seed)
    both = Objective(True, labels, teacher, share, warm)
    alone = [
        loss(Objective(True, labels, None, share, warm), answers),
        loss(Objective(True, None, teacher, share, warm), answers),
    ]
    assert loss(both, answers) == pytest.approx(share * alone[0] + (1 - share) * alone[1])


@given(SEEDS)
def test_the_loss_of_chosen_samples_is_that_of_their_answers(seed: int) -> None:
    answers, chosen = logits(seed), torch.tensor([7, 2, 2])
    aim = Objective(True, classes(seed), logits(seed + 1))
    alone = Objective(True, classes(seed)[chosen], logits(seed + 1)[chosen])
    assert float(aim.loss(answers[chosen], chosen)) == pytest.approx(loss(alone, answers[chosen]))


@pytest.mark.parametrize("shape", [(12,), (12, 1)])
def test_labels_may_stand_in_a_column(shape: tuple[int, ...]) -> None:
    aim = Objective(True, classes(1).reshape(shape), None)
    assert loss(aim, logits(2)) == loss(Objective(True, classes(1), None), logits(2))


def test_a_single_output_is_a_yes_or_no() -> None:
    aim = Objective(True, torch.tensor([1, 0]), None)
    assert loss(aim, torch.tensor([[5.0], [-5.0]])) < 0.1
    assert loss(aim, torch.tensor([[-5.0], [5.0]])) > 4
    sure = Objective(True, None, torch.tensor([[5.0], [-5.0]]))
    close, off = torch.tensor([[4.9], [-4.9]]), torch.tensor([[1.0], [1.0]])
    assert loss(sure, close) < loss(sure, off)


@given(SEEDS, st.floats(0.01, 100))
def test_errors_of_numbers_are_told_in_their_spread(seed: int, unit: float) -> None:
    answers, wanted = logits(seed, classes=1), logits(seed + 1, classes=1)
    plain = loss(Objective(False, wanted[:, 0], None, spread=2.0), answers)
    other = loss(Objective(False, unit * wanted[:, 0], None, spread=2.0 * unit), unit * answers)
    assert plain == pytest.approx(other)


@pytest.mark.parametrize("after", [(), ("Identity",), ("Identity", "Flatten")])
def test_probabilities_of_classes_are_brought_back_to_logits(after: tuple[str, ...]) -> None:
    answers = logits(3)
    found = as_logits(ending("Relu", "Softmax", *after), answers.softmax(1))
    assert np.allclose(found.softmax(1), answers.softmax(1))
    assert np.allclose(found - found[:, :1], answers - answers[:, :1], atol=1e-3)


def test_probabilities_of_a_yes_are_brought_back_to_logits() -> None:
    answers = logits(3)
    assert np.allclose(as_logits(ending("Sigmoid"), torch.sigmoid(answers)), answers, atol=1e-3)


def test_even_sure_probabilities_have_logits() -> None:
    for end in ("Softmax", "Sigmoid"):
        sure = torch.tensor([[1.0, 0.0, 0.0, 0.0]], requires_grad=True)
        found = as_logits(ending(end), sure)
        assert torch.isfinite(found).all()


def test_other_answers_are_logits_already() -> None:
    assert as_logits(ending("Relu"), logits(3)).equal(logits(3))
