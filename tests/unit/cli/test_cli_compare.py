"""`tinystudio compare` says the same as the window, for people and for programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_words import TASK, in_json

from tinystudio.cli.commands.compare import _Nobody
from tinystudio.cli.main import run
from tinystudio.core import places
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.project import open_project, with_suffix
from tinystudio.session.session import Session

DATA = ("--data", TASK, "--no-time")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")


@pytest.fixture
def recipe(tmp_path: Path) -> str:
    file = tmp_path / "int8.json"
    file.write_text(Recipe(steps=(Step.of("static-quantization"),)).model_dump_json())
    return str(file)


def test_a_recipe_is_held_against_its_model(
    recipe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = in_json(capsys, "compare", TASK, recipe, *DATA)
    assert [item["title"] for item in found["contenders"]] == [TASK, "int8"]
    assert found["split"] == "validation"
    assert {(pair["first"], pair["second"]) for pair in found["pairs"]} == {(0, 1)}
    of_int8 = [layer["cells"][1]["precision"] for layer in found["layers"] if layer["cells"][1]]
    assert of_int8[0] == "8-bit weights"  # it reads the input in float
    assert "INT8" in of_int8[1:]
    assert "pictures" not in found  # they lie in this computer's cache
    turned = in_json(capsys, "compare", TASK, recipe, "--baseline", recipe, *DATA)
    assert [item["title"] for item in turned["contenders"]] == ["int8", TASK]
    assert turned["pairs"][0]["change"] == -found["pairs"][0]["change"]


def test_people_get_tables(recipe: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", TASK, recipe, "--test", *DATA]) == 0
    said = capsys.readouterr().out
    assert "samples of test" in said
    for title in ("Pairs", "Classes", "Confusions", "Samples", "Layers"):
        assert f"\n{title}\n" in said
    assert "reference" in said


def test_variants_of_a_project_are_named_by_their_titles(
    tmp_path: Path, recipe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    project = ("--project", str(tmp_path / "p"))
    vary = ("--step", "weight-pruning", "--vary", "sparsity=0.5:0.9:0.4")
    assert run(["sweep", TASK, "--data", TASK, *vary, "--no-time", *project]) == 0
    capsys.readouterr()
    names = ("original", "weights −90 %")
    found = in_json(capsys, "compare", *names, *project, "--no-time")
    assert [item["title"] for item in found["contenders"]] == list(names)
    assert found["contenders"][1]["file"].endswith(".onnx")  # as it was measured
    asked = ("original", "--baseline", "weights −90 %", *project, "--no-time")
    found = in_json(capsys, "compare", *asked)
    assert [item["title"] for item in found["contenders"]] == ["weights −90 %", "original"]
    baseline = set_baseline(tmp_path / "p", "weights −90 %")
    goal = ("--goal", "accuracy_drop<=0.0", "--minimize", "size_bytes")
    best = in_json(capsys, "sweep", TASK, "--data", TASK, *vary, *goal, "--no-time", *project)
    assert best["best"]["counted_from"] == "weights −90 %"
    assert baseline in {item["id"] for item in best["variants"]}
    assert best["best"]["measurement"]["compared_with"] == ""  # figures stay as they were measured
    assert run(["compare", "original", "nobody", *project]) == 1
    assert "no variant 'nobody'" in capsys.readouterr().err


def set_baseline(folder: Path, title: str) -> str:
    with open_project(with_suffix(folder)) as project:
        session = Session(project, _Nobody())
        (found,) = [item.id for item in session.variants() if item.title == title]
        session.set_baseline(found)
    return found


def test_one_alone_is_not_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", TASK, *DATA]) == 1
    assert "2 to 4" in capsys.readouterr().err


def test_a_project_that_is_not_there_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", "a", "b", "--project", str(tmp_path / "none")]) == 1
    assert "no project" in capsys.readouterr().err
    assert not list(tmp_path.glob("none*"))
