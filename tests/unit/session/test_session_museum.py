"""Projects of every released version open forever."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tinystudio.session.project import open_project
from tinystudio.session.runs import Runs, RunState
from tinystudio.session.session import Session

MUSEUM = Path(__file__).resolve().parents[2] / "museum"
PIECES = sorted(MUSEUM.glob("*/*.tinystudio"))


class Nobody:
    """Carries out no job."""

    def send(self, job: object) -> None:
        raise AssertionError(f"nothing was asked for, and yet: {job}")

    def cancel(self, job: str, pause: bool = False) -> None:
        raise AssertionError(job)


def test_the_museum_has_something_to_show() -> None:
    assert PIECES


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: str(piece.parent.name))
def test_a_project_of_an_older_version_opens_with_all_it_held(piece: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(piece, tmp_path / piece.name)
    with open_project(copy) as project:
        assert not project.is_read_only
        session = Session(project, Nobody())
        assert {run.state for run in Runs(project.memory().events)} >= {
            RunState.FINISHED, RunState.FAILED, RunState.CANCELLED, RunState.INTERRUPTED,
        }  # fmt: skip
        assert [step.technique for step in session.recipe.steps] == [
            "channel-pruning", "static-quantization",
        ]  # fmt: skip
        original, kept = session.variants()
        assert original.is_original
        assert kept.title == "the good one"
        assert kept.measurement.score == 0.875
        assert kept.measurement.verdict == "faster"
        assert project.artifact(kept.variant) is not None
        assert session.limits.size_bytes == 50_000


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: str(piece.parent.name))
def test_a_project_in_a_read_only_place_can_be_looked_at(
    piece: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(piece, tmp_path / piece.name)
    # Root may write anywhere, so the system's answer is changed rather than the folder.
    monkeypatch.setattr("tinystudio.session.project.os.access", lambda *_: False)
    with open_project(copy) as project:
        assert "cannot be written" in project.read_only_reason
        assert len(Session(project, Nobody()).variants()) == 2
    assert sorted(item.name for item in copy.iterdir() if "-" not in item.name) == [
        "artifacts", "project.sqlite",
    ]  # fmt: skip
