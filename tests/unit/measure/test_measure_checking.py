"""A written file is opened by a process of its own before anyone relies on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from example_networks import Example, mlp, residual_cnn, run
from example_reporters import Watching

from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.reporter import Silent
from tinystudio.measure.checking import check_written


@pytest.fixture(scope="module")
def example() -> Example:
    return mlp()


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_good_file_passes_every_check(example: Example, tmp_path: Path) -> None:
    path = written(tmp_path / "good.onnx", example.network.data)
    checks = check_written(path, example.test, run(example.network, example.test.inputs), Silent())
    assert len(checks) == 3
    assert all(check.passed for check in checks)


def test_a_file_with_a_fixed_batch_is_run_in_its_batches(tmp_path: Path) -> None:
    fixed, free = residual_cnn(batch=8), residual_cnn()
    path = written(tmp_path / "fixed.onnx", fixed.network.data)
    samples = free.test.first(11)
    checks = check_written(path, samples, run(free.network, samples.inputs), Silent())
    assert all(check.passed for check in checks)


def test_a_file_that_answers_otherwise_is_found_out(example: Example, tmp_path: Path) -> None:
    weights = {"w1": -example.network.weights["w1"]}
    path = written(tmp_path / "other.onnx", example.network.with_weights(weights).data)
    checks = check_written(path, example.test, run(example.network, example.test.inputs), Silent())
    assert [check.passed for check in checks] == [True, False, False]


def test_outputs_of_another_shape_are_found_out(example: Example, tmp_path: Path) -> None:
    path = written(tmp_path / "shape.onnx", example.network.data)
    expected = (np.zeros((len(example.test), 7), np.float32),)
    checks = check_written(path, example.test, expected, Silent())
    assert not checks[-1].passed
    assert "7" in checks[-1].detail


def test_a_file_that_cannot_be_opened_is_an_error_with_its_reason(tmp_path: Path) -> None:
    path = written(tmp_path / "broken.onnx", b"not a network")
    samples = mlp().test.first(2)
    with pytest.raises(UserError) as caught:
        check_written(path, samples, (np.zeros((2, 4)),), Silent())
    assert "broken.onnx could not be run" in caught.value.detail


def test_a_process_that_does_not_answer_is_ended(example: Example, tmp_path: Path) -> None:
    path = written(tmp_path / "slow.onnx", example.network.data)
    with pytest.raises(UserError, match="did not answer"):
        check_written(path, example.test, (), Silent(), limit_s=0.0)


def test_cancelling_ends_the_process(example: Example, tmp_path: Path) -> None:
    path = written(tmp_path / "cancelled.onnx", example.network.data)
    with pytest.raises(Cancelled):
        check_written(path, example.test, (), Watching(cancel_at=1))
