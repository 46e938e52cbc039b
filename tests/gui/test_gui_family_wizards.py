"""Quantize, Prune, Distil: what each offers, what it greys, what recipe and command come of it."""

from __future__ import annotations

import shlex

import pytest
from gui_examples import ORIGINAL, figures, variant
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tinystudio.gui.number_marks import unbroken
from tinystudio.gui.wizards.family import FamilyWizard
from tinystudio.gui.wizards.forecast import (
    MEASURING_S,
    making_seconds,
    variant_seconds,
    with_measuring,
)
from tinystudio.gui.wizards.kinds import DISTIL, KINDS, PRUNE, QUANTIZE, WizardKind
from tinystudio.gui.wizards.subject import Plan, Subject
from tinystudio.jobs.events import PreviewReady
from tinystudio.jobs.inspection import DataInfo, Inspection, PreflightInfo
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.jobs.variant import Variant
from tinystudio.techniques import techniques

REASON = "There is no residual block."
DATA = DataInfo(
    name="watch", metric="accuracy", classes=("a", "b"), train=900, calibration=256,
    validation=700, test=247,
)  # fmt: skip


def inspection() -> Inspection:
    """Every technique can be used but the removal of blocks; a pass takes a hundredth second."""
    preflight = tuple(
        PreflightInfo(
            technique=id, title=part.title, status="cannot" if id == "layer-removal" else "can",
            reason=REASON, seconds_per_pass=0.01,
        )
        for id, part in techniques().items()
    )  # fmt: skip
    return Inspection(
        title="Watch", parameters=176_000, macs=3_400_000, weight_bytes=704_000,
        size_bytes=718_000, peak_activation_bytes=1, opset=17, producer="", inputs=(), outputs=(),
        layers=(), groups=(), preflight=preflight, data=DATA,
    )  # fmt: skip


def subject(recipe: Recipe | None = None) -> Subject:
    """Return an open gallery task."""
    return Subject(
        "gallery:watch", "gallery:watch", "Watch", inspection(), ORIGINAL, recipe or Recipe()
    )


def opened(qtbot: QtBot, kind: WizardKind, recipe: Recipe | None = None) -> FamilyWizard:
    """Return the wizard where goals are chosen, since model and data are known."""
    wizard = FamilyWizard(kind, subject(recipe))
    qtbot.addWidget(wizard)
    wizard.open()
    return wizard


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
def test_every_technique_of_the_family_is_offered_and_every_way_is_a_recipe(
    kind: WizardKind,
) -> None:
    ways = [way for goal in kind.goals for way in goal.ways]
    offered = {use.technique for way in ways for use in way.uses}
    of_family = {id for id, part in techniques().items() if part.family in kind.families}
    assert of_family <= offered
    for way in ways:
        recipe = Recipe(steps=tuple(use.step for use in way.uses))
        assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_a_technique_that_nobody_has_named_is_offered_with_its_own_help() -> None:
    kind = WizardKind("x", "X", ("pruning",), PRUNE.named[:1])
    others = kind.goals[-1]
    assert "Weight pruning" in [way.title for way in others.ways]
    assert all(way.means for way in others.ways)


def test_a_way_that_the_model_does_not_allow_is_greyed_and_says_why(qtbot: QtBot) -> None:
    wizard = opened(qtbot, PRUNE)
    page = wizard._goals
    blocks = [way.title for way in PRUNE.goals[0].ways].index("Blocks")
    assert not page._way_buttons[0][blocks].isEnabled()
    assert f"Not for this model: there{REASON[5:]}" in page._way_notes[0][blocks].text()
    page.choose(0, blocks)
    assert page.way == PRUNE.goals[0].ways[0]


def test_another_goal_shows_its_own_ways_alone_and_chooses_the_usual(qtbot: QtBot) -> None:
    wizard = opened(qtbot, QUANTIZE)
    page = wizard._goals
    button = page._goals.button(3)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center() * 0.1)
    assert page._goals.checkedId() == 3
    shown = [b.text() for row in page._way_buttons for b in row if b.isVisible()]
    assert shown == [way.title for way in QUANTIZE.goals[3].ways]
    (step,) = page.recipe(Recipe()).steps
    assert (step.technique, step.params.processor) == ("static-quantization", "cortex-m")


def test_measuring_is_forecast_by_what_it_took_here() -> None:
    recipe = Recipe(steps=(Step.of("channel-pruning", sparsity=0.5),))
    about = subject()
    making = making_seconds(recipe, about)
    assert making is not None and variant_seconds(recipe, about) == making + MEASURING_S
    made = [
        Variant(id=str(took), network="n", data="d", seed=0, recipe=recipe, series="s",
                seconds=took, measurement=ORIGINAL)
        for took in (making + 4.0, making + 16.0)  # one small difference was timed again
    ]  # fmt: skip
    assert variant_seconds(recipe, with_measuring(about, made)) == pytest.approx(making + 10.0)


def test_how_long_a_training_takes_follows_its_epochs(qtbot: QtBot) -> None:
    wizard = opened(qtbot, DISTIL)
    # Three passes of 900 samples, eight times, at a hundredth of a second each.
    assert "about 4 min" in wizard._goals._way_notes[0][0].text()
    wizard.go_on()
    assert wizard._settings.forecast() == "Takes about 4 min to make and measure."
    edit = wizard._settings.form(1).field("epochs")._edit
    edit.selectAll()
    qtbot.keyClicks(edit, "4")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert wizard._settings.forecast() == "Takes about 2 min to make and measure."
    wizard.go_on()
    assert "It takes about 2 min" in wizard._summary.sentences()


def test_the_preview_follows_and_the_end_offers_run_save_and_the_command(qtbot: QtBot) -> None:
    wizard = opened(qtbot, QUANTIZE)
    wizard._goals.choose(1)
    with qtbot.waitSignal(wizard.preview_requested) as asked:
        wizard.go_on()
    recipe = asked.args[0]
    answer = figures(0.87, 90_000, None, ORIGINAL)
    wizard.show_preview(PreviewReady(job="j", number=1, recipe=recipe, measurement=answer))
    assert wizard._settings._figures._size.text() == "90 kB"
    wizard.go_on()
    said = wizard._summary.sentences()
    assert "All 256 calibration samples are read" in said
    assert "set aside to show how far values range" in said
    assert "90\u00a0kB" in said  # what the preview said
    assert "--step static-quantization" in shlex.join(shlex.split(wizard._summary.command()))
    with qtbot.waitSignal(wizard.recipe_save_requested) as saved:
        qtbot.mouseClick(wizard._summary._save, Qt.MouseButton.LeftButton)
    assert saved.args == [recipe]
    with qtbot.waitSignal(wizard.run_requested) as run:
        wizard.go_on()
    assert run.args == [Plan(recipe)]


def test_settings_stay_when_one_goes_back_and_begin_anew_with_another_way(qtbot: QtBot) -> None:
    wizard = opened(qtbot, QUANTIZE)
    wizard.go_on()
    wizard._settings.form(0).set_values({"bits": 3})
    wizard.go_on()
    assert "set aside to show what the layers compute" in wizard._summary.sentences()
    wizard.go_back()
    wizard._settings.form(0).set_values({"rounding": "nearest"})
    wizard.go_on()
    assert "samples are read" not in wizard._summary.sentences()
    wizard.go_back()
    wizard.go_back()
    wizard.go_on()
    assert wizard.plan.recipe.steps[0].params.bits == 3
    wizard.go_back()
    wizard._goals.choose(0, 1)
    wizard.go_on()
    assert wizard.plan.recipe.steps[0].params.bits == 8


def test_quantizing_goes_on_from_what_was_pruned_and_not_from_what_was_rounded(
    qtbot: QtBot,
) -> None:
    pruned = Step.of("channel-pruning", sparsity=0.4)
    wizard = opened(qtbot, QUANTIZE, Recipe(steps=(pruned,)))
    page = wizard._goals
    assert page.recipe(Recipe()).steps[0] == pruned
    page._go_on.setChecked(False)
    assert len(page.recipe(Recipe()).steps) == 1
    rounded = Recipe(steps=(Step.of("static-quantization"),))
    wizard = opened(qtbot, QUANTIZE, rounded)
    assert not wizard._goals._go_on.isChecked()
    assert not wizard._goals._go_on.isEnabled()
    assert "nothing can follow" in wizard._goals._go_on_note.text()


def test_what_is_pruned_already_is_not_made_a_student_of_unless_one_says_so(qtbot: QtBot) -> None:
    wizard = opened(qtbot, DISTIL, Recipe(steps=(Step.of("channel-pruning"),)))
    page = wizard._goals
    assert not page._go_on.isChecked()
    page.choose(1)  # a better model of the same size takes nothing away
    assert page._go_on.isChecked()
    page._go_on.click()
    page.choose(1, 1)
    assert not page._go_on.isChecked()


def test_the_depth_is_shut_where_there_are_no_blocks(qtbot: QtBot) -> None:
    wizard = opened(qtbot, DISTIL)
    wizard.go_on()
    form = wizard._settings.form(0)
    assert form.field("width").isEnabled()
    assert not form.field("depth").isEnabled()
    assert "no blocks" in form.field("depth").complaint()
    assert "900 samples for training" in wizard._model._data.text()
    wizard.go_on()
    said = wizard._summary.sentences()
    assert unbroken("1. Student: width 50 %") in said
    assert "It is trained on the 900 training samples." in said


def test_what_the_recipe_has_made_already_can_be_shown_instead(qtbot: QtBot) -> None:
    recipe = Recipe(steps=(Step.of("weight-only-quantization"),))
    wizard = opened(qtbot, QUANTIZE)
    wizard.go_on()
    wizard.go_on()
    assert wizard.plan.recipe == recipe
    assert not wizard._summary._show_made.isVisible()
    made = variant("v1", "4 bits", recipe=recipe)
    wizard.learn_made((made,))
    said = wizard._summary.sentences()
    assert "“4 bits” is in the Runs table" in said
    assert "Running makes and measures it again" in said
    assert "Expected" not in said
    with qtbot.waitSignal(wizard.variant_requested) as asked:
        qtbot.mouseClick(wizard._summary._show_made, Qt.MouseButton.LeftButton)
    assert asked.args == ["v1"]
    assert not wizard.isVisible()


def test_a_shallower_student_is_greyed_where_no_block_can_be_left_out(qtbot: QtBot) -> None:
    wizard = opened(qtbot, DISTIL)
    page = wizard._goals
    narrower, shallower = (button.isEnabled() for button in page._way_buttons[0][:2])
    assert (narrower, shallower) == (True, False)
    assert "no blocks that can be left out" in page._way_notes[0][1].text()


def test_the_summary_says_nothing_twice_and_that_the_recipe_is_replaced(qtbot: QtBot) -> None:
    wizard = opened(qtbot, QUANTIZE, Recipe(steps=(Step.of("channel-pruning"),)))
    wizard._goals._go_on.setChecked(False)
    wizard._goals.choose(2)
    wizard.go_on()
    wizard.go_on()
    said = wizard._summary.sentences()
    assert "1. Static quantization (INT8) for ARM" in said
    assert "Undo brings it back" in said


def test_where_nothing_of_a_goal_can_be_done_one_cannot_go_on(qtbot: QtBot) -> None:
    none = [
        item.model_copy(update={"status": "cannot"}) for item in inspection().preflight
    ]  # fmt: skip
    wizard = opened(qtbot, PRUNE)
    able = subject()
    assert able.inspection is not None
    unable = able.inspection.model_copy(update={"preflight": tuple(none)})
    wizard.set_subject(Subject("gallery:watch", "gallery:watch", "Watch", unable, ORIGINAL))
    assert wizard._goals.way is None
    assert not wizard._next.isEnabled()
    assert "None of these" in wizard._missing.text()
