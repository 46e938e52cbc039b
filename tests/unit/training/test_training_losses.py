"""What answers and hidden tensors are compared by, against the formulas of the papers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tinystudio.core.data import Array
from tinystudio.training.objectives import Objective
from tinystudio.training.response_losses import decoupled, relational, softened

SEEDS = st.integers(0, 1000)
CLASSES = st.integers(2, 7)
WARMTH = st.floats(1, 8)


def softmax(values: Array) -> Array:
    shares = np.exp(values - values.max(1, keepdims=True))
    return np.asarray(shares / shares.sum(1, keepdims=True))


def kl(p: Array, q: Array) -> float:
    return float((p * np.log(p / q)).sum(1).mean())


def pearson(first: Array, second: Array) -> float:
    return float(np.corrcoef(first, second)[0, 1])


def logits(seed: int, classes: int, count: int = 5) -> tuple[Tensor, Tensor, Tensor]:
    """Return a student's and a teacher's logits, and classes."""
    rng = np.random.default_rng(seed)
    mine, theirs = (torch.from_numpy(rng.normal(0, 3, (count, classes))) for _ in range(2))
    return mine, theirs, torch.from_numpy(rng.integers(0, classes, count))


@given(SEEDS, CLASSES, WARMTH)
@settings(max_examples=30, deadline=None)
def test_softened_is_the_divergence_of_softened_probabilities(seed, classes, warmth) -> None:
    mine, theirs, _ = logits(seed, classes)
    p, q = softmax(theirs.numpy() / warmth), softmax(mine.numpy() / warmth)
    assert float(softened(mine, theirs, warmth)) == pytest.approx(kl(p, q) * warmth**2, rel=1e-6)


@given(SEEDS, CLASSES, WARMTH)
@settings(max_examples=30, deadline=None)
def test_decoupled_parts_put_together_again_are_the_plain_divergence(seed, classes, warmth) -> None:
    """KD = TCKD + (1 - p of the right class) NCKD: equation 5 of Zhao et al. 2022."""
    mine, theirs, right = logits(seed, classes, count=1)
    sure = float(softmax(theirs.numpy() / warmth)[0, int(right[0])])
    whole = softened(mine, theirs, warmth)
    parts = decoupled(mine, theirs, right, warmth, others=1 - sure)
    assert float(parts) == pytest.approx(float(whole), rel=1e-5, abs=1e-9)


@given(SEEDS, st.integers(3, 7))
@settings(max_examples=20, deadline=None)
def test_the_weight_of_the_wrong_classes_weighs_them_alone(seed, classes) -> None:
    mine, theirs, right = logits(seed, classes)
    losses = [float(decoupled(mine, theirs, right, 2.0, others)) for others in (0.0, 1.0, 3.0)]
    assert losses[2] - losses[0] == pytest.approx(3 * (losses[1] - losses[0]), rel=1e-6)
    assert losses[1] > losses[0]


@given(SEEDS, CLASSES, WARMTH)
@settings(max_examples=30, deadline=None)
def test_relational_is_one_minus_the_correlations_of_rows_and_columns(
    seed, classes, warmth
) -> None:
    mine, theirs, _ = logits(seed, classes)
    p, q = softmax(theirs.numpy() / warmth), softmax(mine.numpy() / warmth)
    rows = np.mean([1 - pearson(a, b) for a, b in zip(p, q, strict=True)])
    columns = np.mean([1 - pearson(a, b) for a, b in zip(p.T, q.T, strict=True)])
    expected = (rows + columns) * warmth**2
    assert float(relational(mine, theirs, warmth)) == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("response", ["response", "decoupled", "relational"])
def test_a_student_that_answers_as_its_teacher_loses_nothing(response) -> None:
    _, theirs, right = logits(3, 4)
    objective = Objective(True, right, theirs, share=0.0, response=response)
    assert float(objective.loss(theirs.clone(), torch.arange(5))) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("response", ["response", "decoupled", "relational"])
@pytest.mark.parametrize("classes", [1, 2, 5])
def test_every_way_has_a_finite_gradient_even_where_answers_do_not_vary(response, classes) -> None:
    flat = torch.zeros(4, classes, requires_grad=True)
    teacher = torch.linspace(-40, 40, 4 * classes).reshape(4, classes)
    objective = Objective(True, None, teacher, response=response)
    objective.loss(flat, torch.arange(4)).backward()
    assert flat.grad is not None
    assert bool(flat.grad.isfinite().all())


def test_without_labels_the_teachers_own_choice_is_the_right_class() -> None:
    mine, theirs, _ = logits(5, 4)
    chosen = torch.arange(5)
    free = Objective(True, None, theirs, response="decoupled").loss(mine, chosen)
    told = Objective(True, theirs.argmax(1), theirs, share=0.0, response="decoupled")
    assert float(free) == pytest.approx(float(told.loss(mine, chosen)))
