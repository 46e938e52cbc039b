"""Every action of the menus: what changes the project is taken back, and the rest says why not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from idle_workers import pruned
from opened_window import Opened
from pytestqt.qtbot import QtBot

from tinystudio.gui.action_table import ACTIONS
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.session import Session

MADE = pruned(0.5)
# What is done before, and what the menu then offers to take back.
UNDONE: dict[str, tuple[Callable[[Session, str], object], str]] = {
    "clear-recipe": (lambda s, id: None, "Empty the recipe"),
    "delete": (lambda s, id: None, "Delete"),
    "keep": (lambda s, id: None, "Keep"),
    "set-baseline": (lambda s, id: None, "Compare with channels −50 %"),
    "clear-baseline": (lambda s, id: s.set_baseline(id), "Compare with the original"),
    "remove-points": (
        lambda s, id: s.add_device_points((DevicePoint(variant=id, device="x", latency_ms=1.0),)),
        "Remove figures of other devices",
    ),
    "detach-data": (lambda s, id: None, "Detach the data"),
}
ASKS = "asks first; what is then done is a method of the session, and tested as that"
MEASURES = "asks an engine; what is measured is a fact and stays"
LOOKS = "shows something, or is about the window and the user's settings"
FILES = "reads or writes files outside of the project, or opens another project"
NOT_UNDONE = {
    **dict.fromkeys(
        ("open-model", "open-model-folder", "show-gallery", "attach-data", "attach-folder",
         "download-data", "show-data", "rename", "notes", "compress", "compress-for-goal",
         "quantize", "prune", "distil", "make-adaptive", "open-recipe", "import-points"), ASKS,
    ),
    **dict.fromkeys(
        ("search", "measure", "diagnose", "compare", "measure-original", "measure-stale",
         "throughput", "pause-jobs", "resume-jobs", "cancel-jobs"), MEASURES,
    ),
    **dict.fromkeys(
        ("new-project", "open-project", "save-project-as", "share-project", "save-recipe",
         "device-table", "export", "report", "save-diagnostics", "show-project"), FILES,
    ),
    **dict.fromkeys(
        ("copy-table", "making", "show-browser", "show-settings", "show-jobs", "theme-system",
         "theme-light", "theme-dark", "larger-text", "smaller-text", "usual-text",
         "reduce-motion", "layout-compress", "layout-compare", "layout-train", "reset-layout",
         "guided-tour", "first-steps", "context-help", "glossary", "palette", "shortcuts",
         "show-log", "about", "quit"), LOOKS,
    ),
    "undo": "is undo", "redo": "is redo",
    "disk-use": "what is removed there is gone; the window says so before",
    "advice": "brings back what was dismissed, which undo takes back where there was something",
}  # fmt: skip


@pytest.fixture
def measured(opened: Opened) -> Opened:
    """A task with a variant that is selected, and its recipe."""
    studio = opened.assembly.studio
    studio.open_network("gallery:watch")
    opened.engines.finish_opening()
    studio.edit_recipe(MADE)
    studio.measure()
    opened.engines.finish_variants(Recipe(), MADE)
    return opened


def test_every_action_is_taken_back_or_says_why_not() -> None:
    known = {*UNDONE, *NOT_UNDONE}
    assert {spec.id for spec in ACTIONS} == known, "is the project changed by it? say so here"


def test_what_changes_the_project_is_taken_back(measured: Opened, qtbot: QtBot) -> None:
    studio, actions = measured.assembly.studio, measured.window.actions_by_id
    session, project = studio.session, studio.session.project
    (id,) = [item.id for item in session.variants() if not item.is_original]
    for name, (prepare, words) in UNDONE.items():
        session.select(id)
        prepare(session, id)
        qtbot.waitUntil(actions[name].isEnabled)
        before = project.memory().state.model_copy(update={"selected": None}), session.variants()
        actions[name].trigger()
        qtbot.waitUntil(lambda words=words: actions["undo"].text() == f"Undo: {words}")
        actions["undo"].trigger()
        qtbot.waitUntil(lambda words=words: actions["redo"].text() == f"Redo: {words}")
        after = project.memory().state.model_copy(update={"selected": None}), session.variants()
        assert after == before, name
