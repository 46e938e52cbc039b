"""The program beside an exported file runs it as a stranger would, and gives the same answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from example_networks import Example, mlp, run

from tinystudio.core.data import Preprocessing
from tinystudio.exporters.exporter import Subject
from tinystudio.exporters.snippet import write_snippet

CLASSES = ('a "quoted" one', "größer", "c\\d")


@pytest.fixture(scope="module")
def example() -> Example:
    return mlp()


def subject(example: Example) -> Subject:
    count = run(example.network, [example.calibration.inputs[0][:1]])[0].shape[1]
    names = tuple(f"{CLASSES[at % 3]} {at}" for at in range(count))
    done = Preprocessing((0.5,), (2.0,), 'centred, "as trained"')
    return Subject(example.network, 'INT8 """', "{}", names, done, 'MIT "x" \\')


def asked(program: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-I", str(program), *words],
        capture_output=True, encoding="utf-8", check=False, env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_prepares_raw_numbers_and_names_the_classes(example: Example, tmp_path: Path) -> None:
    made, model = subject(example), tmp_path / "small.onnx"
    model.write_bytes(made.network.data)
    program = write_snippet(made, model)
    assert program == tmp_path / "small.py"
    ready = example.calibration.inputs[0][:20]
    np.save(tmp_path / "raw.npy", ready * 2.0 + 0.5)
    expected = [made.classes[at] for at in run(made.network, [ready])[0].argmax(axis=1)]
    assert len(set(expected)) > 1
    assert asked(program, str(tmp_path / "raw.npy")).splitlines() == expected


def test_a_module_of_the_users_is_not_written_over(example: Example, tmp_path: Path) -> None:
    own = tmp_path / "net.py"
    own.write_text("class Net: ...\n")
    made = subject(example)
    assert write_snippet(made, tmp_path / "net.onnx") == tmp_path / "net-run.py"
    assert write_snippet(made, tmp_path / "net.onnx") == tmp_path / "net-run.py"  # its own, again
    assert own.read_text() == "class Net: ...\n"
