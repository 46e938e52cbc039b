"""Choosing a teacher: from the models at hand, or any file."""

from __future__ import annotations

from pathlib import Path

import pytest
from opened_window import Opened
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tinystudio.gui.forms.fields import ModelField
from tinystudio.gui.model_choices import ModelChoice
from tinystudio.gui.panels.settings import SettingsPanel
from tinystudio.gui.wizards.parameters_page import ParametersPage
from tinystudio.gui.wizards.subject import Subject
from tinystudio.jobs.recipe import Recipe, Step

LARGE = ModelChoice("/models/large.onnx", "large.onnx")
MODELS = (ModelChoice("gallery:watch", "Smartwatch exercises"), LARGE)
RECIPE = Recipe(steps=(Step.of("distillation"),))


@pytest.fixture
def panel(qtbot: QtBot) -> SettingsPanel:
    shown = SettingsPanel()
    qtbot.addWidget(shown)
    shown.set_models(MODELS)
    shown.set_recipe(RECIPE)
    shown.resize(340, 700)
    shown.show()
    return shown


def field_of(panel: SettingsPanel) -> ModelField:
    field = panel.cards[0].form.field("teacher")
    assert isinstance(field, ModelField)
    return field


def listed(field: ModelField) -> list[str]:
    return [field._combo.itemText(index) for index in range(field._combo.count())]


def teacher(recipe: Recipe) -> str:
    return str(recipe.steps[0].params.model_dump()["teacher"])


def test_the_original_comes_first_and_the_models_at_hand_follow(panel: SettingsPanel) -> None:
    assert listed(field_of(panel)) == ["The original", "Smartwatch exercises", "large.onnx"]
    assert field_of(panel)._combo.currentText() == "The original"


def test_a_model_chosen_from_the_list_becomes_the_teacher(
    qtbot: QtBot, panel: SettingsPanel
) -> None:
    said: list[Recipe] = []
    panel.recipe_edited.connect(lambda recipe, *_: said.append(recipe))
    combo = field_of(panel)._combo
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert teacher(said[-1]) == "gallery:watch"
    qtbot.mouseClick(field_of(panel)._reset, Qt.MouseButton.LeftButton)
    assert teacher(said[-1]) == ""


def test_a_file_can_be_chosen_and_is_then_listed(
    qtbot: QtBot, panel: SettingsPanel, tmp_path: Path
) -> None:
    file = tmp_path / "other.onnx"
    file.touch()
    field = field_of(panel)
    qtbot.mouseClick(field._browse, Qt.MouseButton.LeftButton)
    dialog = field.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(file))
    dialog.close()
    assert teacher(panel.recipe) == str(file)
    assert field._combo.currentText() == "other.onnx"
    panel.set_models((*MODELS, ModelChoice("gallery:breast", "Breast mass")))
    assert listed(field)[-2:] == ["Breast mass", "other.onnx"]
    assert teacher(panel.recipe) == str(file)


def test_a_recipe_that_comes_with_a_teacher_shows_it(panel: SettingsPanel) -> None:
    panel.set_recipe(Recipe(steps=(Step.of("distillation", teacher=LARGE.reference),)))
    assert field_of(panel)._combo.currentText() == "large.onnx"


def test_the_wizard_offers_the_same_models(qtbot: QtBot) -> None:
    page = ParametersPage()
    qtbot.addWidget(page)
    page.show_recipe(RECIPE, Subject(models=tuple(MODELS)))
    field = page.form(0).field("teacher")
    assert isinstance(field, ModelField)
    assert listed(field) == ["The original", "Smartwatch exercises", "large.onnx"]


def test_the_window_lists_gallery_and_recent_files_but_not_the_open_model(
    qtbot: QtBot, opened: Opened, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.onnx"
    mine.touch()
    assembly = opened.assembly
    remembered = assembly.remembered
    remembered.settings = remembered.settings.model_copy(update={"recent_networks": (str(mine),)})
    assembly.studio.session.open_network("gallery:breast", None)
    assembly.studio.edit_recipe(RECIPE)
    qtbot.waitUntil(lambda: bool(assembly.settings.cards))
    names = listed(field_of(assembly.settings))
    assert names[0] == "The original"
    assert "mine.onnx" in names
    assert "Smartwatch exercises" in names
    assert "Breast mass" not in names
