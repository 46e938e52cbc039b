"""The ways to a variant: by command, by the window's recipe, by the Compress wizard.

Each makes it anew, with engines and a cache of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hands import choose_technique, click, enter_all
from pytestqt.qtbot import QtBot

from tinystudio.core.params import Kind, ParamSpec, Value, describe
from tinystudio.gallery import find_task, gallery
from tinystudio.graph.opening import open_network
from tinystudio.gui.actions import Actions
from tinystudio.gui.assembly import Assembly
from tinystudio.gui.window import MainWindow
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.project import open_project
from tinystudio.session.settings import Settings
from tinystudio.techniques.technique import Technique

PATIENCE_MS = 240_000
EPOCHS, SAMPLES = 0.5, 128  # as short as a training or a calibration may be


@dataclass(frozen=True)
class Asked:
    """A technique on a gallery task, with those of its settings that are not the usual ones."""

    task: str
    step: Step
    settings: dict[str, Value]

    @property
    def recipe(self) -> Recipe:
        """Return what every way has to come to."""
        return Recipe(steps=(self.step,))

    @property
    def is_by_hand(self) -> bool:
        """Say whether all settings can be typed; tables come from a file."""
        return not any(isinstance(value, dict) for value in self.settings.values())


@dataclass(frozen=True)
class Made:
    """What came of it. A command measures the test split alone, the window that of what is kept."""

    recipe: Recipe
    sha256: str
    size_bytes: int | None
    test: float | None = None
    validation: float | None = None


def asked(part: Technique[Any]) -> Asked:
    """Choose the smallest task where a technique applies, and settings that are not the usual."""
    networks = {name: open_network(find_task(name).network_path) for name in _by_accuracy()}
    able = [name for name, it in networks.items() if part.preflight(it).status != "cannot"]
    task = min(able, key=lambda name: len(networks[name].data))
    if any(spec.kind is Kind.TABLE for spec in describe(part.params)):
        params = part.example(networks[task])
        changed = {k: v for k, v in params.model_dump().items() if v != _usual(part)[k]}
        return Asked(task, Step(technique=part.id, params=params), changed)
    settings = dict(_unusual(part))
    return Asked(task, Step.of(part.id, **settings), settings)


@cache
def _by_accuracy() -> tuple[str, ...]:
    """Return the tasks whose score a command prints as accuracy."""
    return tuple(name for name, task in gallery().items() if task.dataset().metric == "accuracy")


def _usual(part: Technique[Any]) -> dict[str, Value]:
    return {spec.name: spec.default for spec in describe(part.params)}


def _unusual(part: Technique[Any]) -> Iterator[tuple[str, Value]]:
    """Change one of every kind of setting: the slider, a number, a choice, a switch."""
    specs = describe(part.params)
    for spec in specs:
        if spec.name == "epochs":
            yield spec.name, EPOCHS
        elif spec.name == part.slider:
            yield spec.name, _a_step_away(spec)
        elif spec.name == "samples":
            yield spec.name, SAMPLES
    for kind in (Kind.CHOICE, Kind.SWITCH):
        spec = next((spec for spec in specs if spec.kind is kind), None)
        if spec is not None:
            yield spec.name, spec.choices[1][0] if spec.choices else not spec.default


def _a_step_away(spec: ParamSpec) -> Value:
    assert isinstance(spec.default, (int, float))
    step = spec.step or 1
    # Its minimum may leave the network as it is.
    is_least = spec.minimum is not None and spec.default - step <= spec.minimum
    moved = spec.default + step if is_least else spec.default - step
    return round(moved, 10)


def by_command(wanted: Asked, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Run `tinystudio compress` in a process of its own."""
    _fresh_cache(folder, monkeypatch)
    output = folder / "small.onnx"
    words = ["--step", wanted.step.technique]
    words += [f"{name}={_text(value)}" for name, value in wanted.settings.items()]
    if not wanted.is_by_hand:
        words = ["--recipe", str(_recipe_file(wanted, folder))]
    reference = f"gallery:{wanted.task}"
    done = subprocess.run(
        [
            sys.executable, "-m", "tinystudio", "compress", reference, "--data", reference, *words,
            "--output", str(output), "--no-time", "--json",
        ],
        capture_output=True, encoding="utf-8", timeout=PATIENCE_MS / 1000, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["variant"]["split"] == "test"
    return Made(
        Recipe.model_validate(found["recipe"]), _sha256(output), found["variant"]["size_bytes"],
        found["variant"]["accuracy"],
    )  # fmt: skip


def by_window(wanted: Asked, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Add the technique to the recipe, set its fields, and press Measure."""
    with _window(wanted, folder, qtbot, monkeypatch) as window:
        panel = window.settings
        if wanted.is_by_hand:
            choose_technique(panel, wanted.step.technique)
            enter_all(qtbot, panel.cards[-1].form, wanted.settings)
        else:
            window.opening.open(str(_recipe_file(wanted, folder)))
        qtbot.waitUntil(panel._measure.isEnabled, timeout=PATIENCE_MS)
        click(qtbot, panel._measure)
        return _made(window, qtbot)


def by_wizard(
    wanted: Asked, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, is_kept: bool
) -> Made:
    """Go through the pages of the Compress wizard, press Run now, and keep what comes of it."""
    with _window(wanted, folder, qtbot, monkeypatch) as window:
        if not wanted.is_by_hand:
            window.opening.open(str(_recipe_file(wanted, folder)))
        qtbot.waitUntil(window.actions["compress"].isEnabled, timeout=PATIENCE_MS)
        window.actions["compress"].trigger()
        wizard = window.commands.wizards.compress_wizard
        assert wizard is not None
        assert wizard.page is wizard._techniques  # model and data are known
        box = wizard._techniques._boxes[wanted.step.technique]
        if not box.isChecked():
            box.click()
        click(qtbot, wizard._next)
        if wanted.is_by_hand:
            enter_all(qtbot, wizard._settings.form(0), wanted.settings)
        assert wizard.page is wizard._settings
        click(qtbot, wizard._next)
        assert wanted.step.technique in wizard._summary.command()
        assert wizard._next.text() == "Run now"
        assert len(window.studio.session.variants()) == 1
        click(qtbot, wizard._next)
        made = _made(window, qtbot)
        return _kept(made, window, folder, qtbot) if is_kept else made


@contextmanager
def _window(
    wanted: Asked, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Assembly]:
    """Open the window with its real engines on the task, and wait until it is measured."""
    _fresh_cache(folder, monkeypatch)
    actions = Actions()
    shown = MainWindow(actions)
    qtbot.addWidget(shown)
    window = Assembly(shown, actions, Settings())
    window.studio.open(open_project(folder / "story.tinystudio"))
    shown.show()
    window.opening.open(f"gallery:{wanted.task}")
    session = window.studio.session
    try:
        _wait(qtbot, lambda: session.original is not None and session.inspection is not None)
        yield window
    finally:
        window.studio.close()
        shown.close()


def _made(window: Assembly, qtbot: QtBot) -> Made:
    """Wait for the variant."""
    session = window.studio.session

    def found() -> tuple[ProjectVariant, ...]:
        assert not [notice for notice in window.notices.notices if notice.gravity != "news"]
        return tuple(item for item in session.variants() if not item.is_original)

    _wait(qtbot, lambda: bool(found()))
    (variant,) = (item.variant for item in found())
    assert variant.measurement.split == "validation"
    assert variant.artifact is not None
    assert session.project.artifact(variant) is not None
    return Made(
        variant.recipe, variant.artifact.sha256, variant.measurement.size_bytes,
        validation=variant.measurement.accuracy,
    )  # fmt: skip


def _kept(made: Made, window: Assembly, folder: Path, qtbot: QtBot) -> Made:
    """Keep the selected variant, which measures it on test, and export it to the very bytes."""
    session = window.studio.session
    _wait(qtbot, window.settings._keep.isEnabled)
    click(qtbot, window.settings._keep)
    _wait(qtbot, lambda: session.selected is not None and session.selected.test is not None)
    kept = session.selected
    assert kept is not None
    assert kept.test is not None
    output = folder / "exported.onnx"
    job = window.studio.export("onnx", output, {}, kept.id)
    assert job is not None
    _wait(qtbot, lambda: session.runs[job].is_ended)
    exported = session.runs[job].exported
    assert exported is not None, session.runs[job].problem
    assert all(check.passed for check in exported.checks)
    assert _sha256(output) == made.sha256
    return replace(made, test=kept.test.accuracy)


def _wait(qtbot: QtBot, until: Callable[[], bool]) -> None:
    qtbot.waitUntil(until, timeout=PATIENCE_MS)


def _fresh_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be found that another way has made."""
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))


def _recipe_file(wanted: Asked, folder: Path) -> Path:
    path = folder / "recipe.json"
    path.write_text(wanted.recipe.model_dump_json(), encoding="utf-8")
    return path


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
