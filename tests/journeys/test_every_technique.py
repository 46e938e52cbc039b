"""Each technique by command, in the window and through the wizard: one and the same variant."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from ways import Asked, Made, asked, by_command, by_window, by_wizard

from tinystudio.techniques import techniques

QUICK = ("dynamic-quantization",)  # the others take minutes: make test-all
EVERY = [
    pytest.param(part, id=id, marks=() if id in QUICK else pytest.mark.slow)
    for id, part in techniques().items()
]


@pytest.mark.parametrize("part", EVERY)
def test_window_wizard_and_command_line_make_the_same_variant(
    part: Any, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, ways_table
) -> None:
    wanted, began = asked(part), time.perf_counter()
    command = by_command(wanted, tmp_path / "command", monkeypatch)
    window = by_window(wanted, tmp_path / "window", qtbot, monkeypatch)
    is_kept = part.id not in QUICK
    wizard = by_wizard(wanted, tmp_path / "wizard", qtbot, monkeypatch, is_kept)
    ways_table.append(_row(wanted, command, window, wizard))
    print(f"took {time.perf_counter() - began:.1f} s")
    assert command.recipe == window.recipe == wizard.recipe == wanted.recipe
    assert command.sha256 == window.sha256 == wizard.sha256
    assert command.size_bytes == window.size_bytes == wizard.size_bytes
    assert wizard.test == (command.test if is_kept else None)
    assert window.validation == wizard.validation
    assert command.test is not None
    assert window.validation is not None


def _row(wanted: Asked, *made: Made) -> str:
    """Return the figures of the three ways as a row of the table that ends the run."""
    hashes = [item.sha256[:10] for item in made]
    sizes = [f"{item.size_bytes:,}" for item in made]
    tests = [f"{item.test:.4f}" for item in made if item.test is not None]
    on_validation = [f"{item.validation:.4f}" for item in made[1:]]
    cells = [wanted.step.technique, wanted.task, wanted.recipe.title]
    cells += [_told(items) for items in (hashes, sizes, tests, on_validation)]
    return f"| {' | '.join(cells)} |"


def _told(items: list[str]) -> str:
    return f"{items[0]} ×{len(items)}" if len(set(items)) == 1 else " / ".join(items)
