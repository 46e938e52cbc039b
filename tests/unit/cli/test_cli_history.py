"""`history` and `advise`: what they print of a project."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_words import in_json

from tinystudio.cli.main import run
from tinystudio.session.editing import Editing
from tinystudio.session.project import open_project

TASK = "gallery:breast"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a small sweep, one variant tagged and annotated."""
    folder = tmp_path_factory.mktemp("p") / "p.tinystudio"
    words = ("--step", "channel-pruning", "--vary", "sparsity=0.25,0.5", "--no-time")
    assert run(["sweep", TASK, "--data", TASK, *words, "--project", str(folder)]) == 0
    with open_project(folder, must_write=True) as opened:
        session = Editing(opened)
        last = session.variants()[-1].id
        session.tag(last, ("small",))
        session.annotate(last, "for the shop")
    return folder


def test_the_tree_is_told_with_notes_and_how_each_is_made(capsys: Capture, project: Path) -> None:
    found = in_json(capsys, "history", str(project))["variants"]
    original, first, second = found
    assert (original["parent"], first["parent"]) == (None, None)
    assert second["parent"] == first["id"]
    assert second["change"] == "25 → 50 % channels removed"
    assert (second["tags"], second["note"]) == (["small"], "for the shop")
    assert first["command"].startswith(f"tinystudio compress {TASK}")
    assert "from tinystudio.api import compress" in first["python"]


def test_a_search_finds_by_tag(capsys: Capture, project: Path) -> None:
    found = in_json(capsys, "history", str(project), "--search", "tag:small")["variants"]
    assert [item["title"] for item in found] == ["channels −50 %"]
    assert run(["history", str(project), "--search", "tag:other"]) == 0
    assert "no variant" in capsys.readouterr().out


def test_a_project_is_advised_from_what_was_measured_there(capsys: Capture, project: Path) -> None:
    found = in_json(capsys, "advise", "--project", str(project))
    assert found["network"] == TASK
    keys = {"about", "sentence", "reason", "action", "how", "recipe"}
    assert all(set(advice) == keys for advice in found["advice"])


def test_without_anything_named_it_is_said_what_is_missing(capsys: Capture, tmp_path: Path) -> None:
    assert run(["advise"]) == 1
    assert run(["advise", TASK]) == 1
    assert run(["history", str(tmp_path / "none")]) == 1
    told = capsys.readouterr().err
    assert "Without data nothing can be measured" in told
    assert "There is no project at" in told
