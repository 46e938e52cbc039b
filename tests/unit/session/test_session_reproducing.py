"""The shown command line and Python make the variant's bytes again."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tinystudio.cli.main import run
from tinystudio.jobs.job import InspectJob, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.jobs.variant import Variant
from tinystudio.runners.inline import InlineRunner
from tinystudio.session.reproducing import file_stem, making_of
from tinystudio.session.runs import Runs

TASK = "gallery:breast"  # the smallest there is


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Variant, bytes]:
    """A variant as a project has it: made for validation, with a seed of its own."""
    steps = (
        Step.of("channel-pruning", sparsity=0.25, importance="random"),
        Step.of("static-quantization", method="entropy"),
    )
    job = VariantsJob(
        network=TASK, data=TASK, seed=7, recipes=(Recipe(steps=steps),), time=False
    )  # fmt: skip
    runner, runs = InlineRunner(tmp_path_factory.mktemp("artifacts")), Runs()
    runner.send(job)
    for event in runner.finish():
        runs.apply(event)
    variant = runs[job.id].variants[-1]
    assert variant.artifact is not None
    return variant, Path(variant.artifact.path).read_bytes()


def test_the_command_line_makes_the_same_bytes(
    made: tuple[Variant, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant, expected = made
    words = shlex.split(making_of(variant, "phone").command)
    assert words[0] == "tinystudio"
    monkeypatch.chdir(tmp_path)
    assert run([*words[1:], "--no-time"]) == 0
    assert (tmp_path / "phone.onnx").read_bytes() == expected


def test_the_python_makes_the_same_bytes(
    made: tuple[Variant, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    variant, expected = made
    monkeypatch.chdir(tmp_path)
    code = compile(making_of(variant, "phone").python, "shown.py", "exec")
    exec(code, {"__name__": "__main__"})
    assert (tmp_path / "phone.onnx").read_bytes() == expected
    assert all(0 < float(word) <= 1 for word in capsys.readouterr().out.split())


def test_a_table_of_levels_survives_both_ways() -> None:
    levels = {"conv": {"keep": 8, "bits": "w4"}}
    recipe = Recipe(steps=(Step.of("layer-levels", levels=levels),))
    job = InspectJob(network=TASK)
    variant = Variant(
        id="x", network=job.network, data=TASK, seed=0, recipe=recipe, series="", measurement={}
    )  # type: ignore[arg-type]  # fmt: skip
    found = making_of(variant)
    words = shlex.split(found.command)
    at = words.index("layer-levels")
    from tinystudio.cli.steps import step_of

    assert step_of(words[at : at + 2]) == recipe.steps[0]
    line = next(text.strip(" ,") for text in found.python.splitlines() if "step(" in text)
    assert eval(line, {"step": Step.of}) == recipe.steps[0]


def test_a_file_is_named_after_the_variant() -> None:
    assert file_stem("channels −40 %, INT8") == "channels-40-int8"
    assert file_stem("…") == "variant"
