"""Commands about a project that is there: report, share, disk; and diagnostics."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from cli_words import PRUNE, TASK, in_json

from tinystudio.cli.main import run


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one untimed variant."""
    folder = tmp_path_factory.mktemp("projects") / "b.tinystudio"
    words = ["sweep", TASK, "--data", TASK, *PRUNE[:2], "--vary", "sparsity=0.5:0.5:0.1"]
    assert run([*words, "--project", str(folder), "--no-time"]) == 0
    return folder


def test_a_report_is_of_what_was_measured_on_test(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "r.html"
    found = in_json(capsys, "report", str(project), "-o", str(page))
    text = page.read_text(encoding="utf-8")
    assert found["title"] in text and "On the test split" in text
    named = in_json(
        capsys, "report", "--project", str(project), "--variant", "original", "--no-test",
        "--output", str(page),
    )  # fmt: skip
    assert named["title"] == "original"


def test_the_reports_command_and_python_are_what_they_say(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from tinystudio.reports import again
    from tinystudio.reports.subject import report_subject
    from tinystudio.session.board import Board
    from tinystudio.session.project import open_project

    with open_project(project) as opened:
        subject = report_subject(Board(opened))
    recipe = subject.chosen.variant.recipe
    assert recipe.steps
    monkeypatch.chdir(tmp_path)
    words = shlex.split(again.command(subject, recipe))[1:]
    made = in_json(capsys, *words, "--no-time")
    assert made["recipe"]["steps"][0]["technique"] == "channel-pruning"
    assert (tmp_path / again.OUTPUT).is_file()
    program = again.python(subject, recipe).replace('split="test"', 'split="test", time=False')
    exec(compile(program, "again.py", "exec"), {"__name__": "__main__"})
    title, path = capsys.readouterr().out.strip().splitlines()
    assert title.startswith(recipe.title)
    assert (tmp_path / again.OUTPUT).read_bytes() == Path(path).read_bytes()


def test_a_project_is_shared_and_unpacked(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "s.tinystudio.zip"
    assert in_json(capsys, "share", str(project), "-o", str(file))["size_bytes"] > 1000
    made = in_json(capsys, "share", "--open", str(file), "-o", str(tmp_path / "copy"))
    page = tmp_path / "r.html"
    again = in_json(capsys, "report", made["project"], "--no-test", "-o", str(page))
    assert again["variants"] == 2


def test_disk_use_is_told_and_only_what_is_named_is_removed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = list((project / "artifacts").iterdir())
    before = {it["id"]: it for it in in_json(capsys, "disk", str(project))["items"]}
    found = in_json(capsys, "disk", str(project), "--clean", "variants")
    assert found["freed_bytes"] == before["variants"]["size_bytes"]
    assert len(list((project / "artifacts").iterdir())) < len(files)


@pytest.mark.parametrize(
    "words",
    [
        ["report", "nothing.tinystudio", "-o", "r.html"],
        ["report", "-o", "r.html"],
        ["share", "--open", "nothing.zip"],
        ["disk", "--clean", "variants"],
    ],
)
def test_what_cannot_be_is_said(
    words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run(words) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_diagnostics_are_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = in_json(capsys, "diagnostics", "-o", str(tmp_path / "d.zip"))
    assert "versions.json" in found["files"] and (tmp_path / "d.zip").is_file()
