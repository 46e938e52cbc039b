"""Students and teachers on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli_words import TASK, in_json

from tinystudio.cli.main import run
from tinystudio.core import places
from tinystudio.gallery import find_task

Capture = pytest.CaptureFixture[str]
STUDENT = ("--step", "student", "width=0.25", "weights=fresh")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of its own, where the task's network lies as large.onnx."""
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    shutil.copy(find_task(TASK).network_path, tmp_path / "large.onnx")
    return tmp_path


def test_a_fresh_student_is_taught_by_a_file_named_from_here(capsys: Capture, here: Path) -> None:
    found = in_json(
        capsys, "compress", TASK, "--data", TASK, *STUDENT, "--step", "distillation", "epochs=20",
        "teacher=large.onnx", "--output", "small.onnx", "--no-time",
    )  # fmt: skip
    assert found["recipe"]["steps"][1]["teacher"] == str(here / "large.onnx")
    assert found["variant"]["size_bytes"] < 0.3 * found["original"]["size_bytes"]
    assert found["variant"]["accuracy"] > 0.85


def test_a_teacher_for_another_task_is_one_error_in_words(capsys: Capture) -> None:
    words = ("--step", "distillation", "teacher=gallery:watch", "--output", "x.onnx", "--json")
    assert run(["compress", TASK, "--data", TASK, *words]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["title"] == "The teacher does not fit the model"
    assert error["detail"].startswith("gallery:watch: The model's input")


def test_teachers_can_be_swept(capsys: Capture, here: Path) -> None:
    found = in_json(
        capsys, "sweep", TASK, "--data", TASK, "--step", "distillation", "epochs=0.5",
        "--vary", f"teacher=,large.onnx,{TASK}", "--project", "p", "--no-time",
    )  # fmt: skip
    recipes = (variant["recipe"]["steps"] for variant in found["variants"])
    named = [steps[0].get("teacher", "") for steps in recipes if steps]
    assert named == ["", str(here / "large.onnx"), TASK]


def test_a_teacher_is_listed_with_what_may_be_named(capsys: Capture) -> None:
    assert run(["techniques", "distillation"]) == 0
    assert "teacher=  (gallery:TASK|FILE) Teacher" in capsys.readouterr().out
