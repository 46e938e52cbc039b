"""A model whose answers are no better than guessing is told so, in a warning beside the figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinystudio.cli.main import run
from tinystudio.gallery import find_task


def mixed_up(folder: Path) -> Path:
    """Write the vowels' samples with the numbers of the classes shifted by one."""
    data = find_task("vowels").dataset()
    path = folder / "shifted.npz"
    arrays = {}
    for name, samples in (("train", data.train), ("test", data.test)):
        assert samples.labels is not None
        arrays[f"x_{name}"] = samples.inputs[0]
        arrays[f"y_{name}"] = (samples.labels + 1) % len(data.classes)
    np.savez(path, **arrays)
    return path


def test_classes_in_another_order_are_told_beside_the_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", "gallery:vowels", "--data", str(mixed_up(tmp_path))]) == 0
    told = capsys.readouterr()
    assert "no better than guessing" in told.err
    assert "classes in another order" in told.err
    assert "0 is '1', 1 is '2'" in told.err


def test_a_model_that_knows_its_data_is_not_doubted(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "gallery:vowels", "--data", "gallery:vowels"]) == 0
    assert "guessing" not in capsys.readouterr().err
