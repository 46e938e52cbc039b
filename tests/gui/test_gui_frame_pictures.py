"""Pictures of the window: what is asked for and what is refused."""

from __future__ import annotations

import pytest

from tinystudio.gui.pictures import main


def test_without_a_project_no_picture_is_taken_and_nothing_is_made(tmp_path, capsys):
    folder = tmp_path / "none.tinystudio"
    shot = ["--shot", str(tmp_path / "a.png"), "1280x800", "light", "trade-off"]
    assert main([str(folder), *shot]) == 1
    assert "There is no project" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("1280", "light", "runs"), ("1x1", "pink", "runs"),
                                   ("1x1", "dark", "kitchen")])  # fmt: skip
def test_a_shot_that_makes_no_sense_is_refused(tmp_path, capsys, words):
    assert main([str(tmp_path), "--shot", str(tmp_path / "a.png"), *words]) == 1
    assert "error:" in capsys.readouterr().err
