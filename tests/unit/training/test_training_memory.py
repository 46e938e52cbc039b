"""Where memory runs out in a training: what to do is said, and what was learned is not lost."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from example_networks import Example, residual_cnn
from example_reporters import InMemory

from tinystudio.core.cache import Cache
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context
from tinystudio.training import checkpoints, course
from tinystudio.training.memory import is_out_of_memory, memory_told

TOO_MUCH = 2**50  # bytes: no computer has them


def too_much_of_torch() -> None:
    torch.empty(TOO_MUCH, dtype=torch.uint8)


def too_much_of_numpy() -> None:
    np.ones(TOO_MUCH, np.uint8)


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


def fine_tuned(example: Example, kept: InMemory | None = None, batch: int = 64) -> Network:
    part = find_technique("fine-tuning")
    context = Context(
        example.network, example.calibration, "data", 0, Silent(), Cache(), example.calibration,
        checkpoint=kept,
    )  # fmt: skip
    params = part.params(epochs=3.0, rate=0.002, held_out=0.0, batch=batch)
    return part.apply(example.network, params, context).network


@pytest.mark.parametrize("ask", [too_much_of_torch, too_much_of_numpy])
def test_what_torch_and_numpy_raise_is_known(ask: Callable[[], None]) -> None:
    with pytest.raises((RuntimeError, MemoryError)) as raised:
        ask()
    assert is_out_of_memory(raised.value)


@pytest.mark.parametrize("ask", [too_much_of_torch, too_much_of_numpy])
def test_the_error_says_that_a_smaller_batch_helps(
    cnn: Example, monkeypatch: pytest.MonkeyPatch, ask: Callable[[], None]
) -> None:
    real = GraphModule.forward

    def forward(self: GraphModule, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        if self.training and len(inputs[0]) > 32:
            ask()
        return real(self, *inputs)

    monkeypatch.setattr(GraphModule, "forward", forward)
    with pytest.raises(UserError, match="not enough memory") as raised:
        fine_tuned(cnn)
    assert "64 samples" in raised.value.detail
    assert "smaller batch than 64" in raised.value.hint
    assert fine_tuned(cnn, batch=32).data != cnn.network.data  # as the hint promises


def test_what_earlier_epochs_learned_is_gone_on_from(
    cnn: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "EVERY_S", 0.0)
    whole, kept = fine_tuned(cnn), InMemory()
    real, taken = course.step, [0]

    def step(*given: object) -> float:
        taken[0] += 1
        if taken[0] == 10:
            too_much_of_torch()
        return real(*given)

    monkeypatch.setattr(course, "step", step)
    with pytest.raises(UserError, match="not enough memory"):
        fine_tuned(cnn, kept)
    taken[0] = 100
    assert kept.data is not None
    assert fine_tuned(cnn, kept).data == whole.data
    assert taken[0] < 100 + 12  # not from the beginning


def test_another_error_is_left_as_it_is() -> None:
    with pytest.raises(RuntimeError, match="shape"), memory_told(64, 64):
        raise RuntimeError("shape '[2]' is invalid")


def test_where_the_graph_fixes_the_batch_no_other_is_advised() -> None:
    with pytest.raises(UserError) as raised, memory_told(64, 1):
        raise MemoryError
    assert "batch" not in raised.value.hint
    assert raised.value.hint.startswith("Close other programs")
