"""Every model that the `onnx` package generates or ships opens, and answers as it did before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.corpus import BAD, OPENED, Model, models, opened_in_turn
from benchmarks.corpus_worker import shipped_files

SAMPLED = 24  # one in so many, without the slow ones


def check(asked: Sequence[Model]) -> None:
    """Have models opened in a process of their own, so that a crash of it is told by name."""
    answers = list(opened_in_turn(asked))
    assert [(Path(name).name, how, text) for name, how, text in answers if how in BAD] == []
    assert len(answers) == len(asked)
    assert sum(how in OPENED for _, how, _ in answers) > 0.95 * len(asked)
    # Most can be run in onnxruntime; without any nothing would have been compared.
    assert sum(how == "same" for _, how, _ in answers) > 0.75 * len(asked)


def test_some_models_of_each_kind_opens_and_answers_as_before() -> None:
    check(models()[::SAMPLED])


@pytest.mark.slow
def test_every_model_opens_and_answers_as_before() -> None:
    every = models()
    assert len(every) > 2000
    check(every)


def test_a_worker_that_dies_is_told_apart_from_a_refusal(tmp_path: Path) -> None:
    damaged = tmp_path / "model.onnx"
    damaged.write_bytes(b"\x08\x07no network")
    good = next(path for path in shipped_files() if path.parent.name == "test_operator_conv")
    asked = [("file", str(damaged)), ("what it falls over", ""), ("file", str(good))]
    said = list(opened_in_turn(asked))
    assert [how for _, how, _ in said] == ["refused", "died", "same"]
    assert "model.onnx was not opened" in said[0][2]
