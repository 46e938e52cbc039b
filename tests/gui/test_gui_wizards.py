"""The wizards, page by page, as one goes through them."""

from __future__ import annotations

import shlex
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from gui_examples import ORIGINAL, figures
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tinystudio.cli.steps import settings_of, step_of
from tinystudio.exporters import targets
from tinystudio.gui.wizard_desk import PLANNING
from tinystudio.gui.wizards.compress import CompressWizard
from tinystudio.gui.wizards.export import ExportWizard
from tinystudio.gui.wizards.subject import Plan, Subject
from tinystudio.gui.wizards.wizard import Wizard
from tinystudio.jobs.events import ExportCheck, Exported, PreviewReady
from tinystudio.jobs.inspection import Inspection, PreflightInfo
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.jobs.variant import Artifact
from tinystudio.session.command_line import compress_command, export_command
from tinystudio.session.sweeps import expand

REASON = "There is no MatMul with weights."
INSPECTION = Inspection(
    title="Watch", parameters=176_000, macs=3_400_000, weight_bytes=704_000, size_bytes=718_000,
    peak_activation_bytes=1, opset=17, producer="", inputs=(), outputs=(), layers=(), groups=(),
    preflight=(
        PreflightInfo(
            technique="dynamic-quantization", title="", status="cannot", reason=REASON
        ),
    ),
)  # fmt: skip
SUBJECT = Subject("gallery:watch", "gallery:watch", "Watch", INSPECTION, ORIGINAL)


def press(qtbot: QtBot, wizard: Wizard, button: str = "_next") -> None:
    qtbot.mouseClick(getattr(wizard, button), Qt.MouseButton.LeftButton)


@pytest.fixture
def compress(qtbot: QtBot) -> CompressWizard:
    wizard = CompressWizard(SUBJECT)
    qtbot.addWidget(wizard)
    wizard.open()
    return wizard


def test_opening_a_wizard_does_not_block(compress: CompressWizard) -> None:
    assert compress.isVisible()
    assert not compress.isModal()
    assert compress._title.text() == "Techniques"


def test_what_is_known_is_done_and_can_be_gone_back_to(
    qtbot: QtBot, compress: CompressWizard
) -> None:
    assert "✓&nbsp;Model and data: Watch" in compress._trail.text()
    assert "<b>2&nbsp;Techniques</b>" in compress._trail.text()
    press(qtbot, compress, "_back")
    assert compress._title.text() == "Model and data"
    assert "176 k parameters" in compress._model._facts.text()
    compress.open()  # brings it to the front, and leaves it where it is
    assert compress.page is compress._model


def test_a_long_name_is_shortened_and_data_of_another_name_is_told(qtbot: QtBot) -> None:
    subject = Subject("/m/a<b.onnx", f"/d/{'long ' * 20}end.csv?target=label", "a<b")
    wizard = CompressWizard(subject)
    qtbot.addWidget(wizard)
    wizard.open()
    short = wizard._trail.text()
    assert "a&lt;b, long long" in short
    assert "…" in short
    assert "end.csv" in short
    wizard.resize(2 * wizard.width(), wizard.height())
    assert wizard._model.known() in unescape(wizard._trail.text())  # where there is room


def test_without_data_one_cannot_go_on_and_is_told_why(qtbot: QtBot) -> None:
    wizard = CompressWizard(Subject("m.onnx", None, "m"))
    qtbot.addWidget(wizard)
    wizard.open()
    assert wizard.page is wizard._model
    assert "✓" not in wizard._trail.text()
    assert not wizard._next.isEnabled()
    assert "Attach data" in wizard._missing.text()
    with qtbot.waitSignal(wizard.data_requested):
        qtbot.mouseClick(wizard._model._other_data, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(wizard.folder_requested):
        qtbot.mouseClick(wizard._model._folder, Qt.MouseButton.LeftButton)
    wizard.set_subject(SUBJECT)
    assert wizard._next.isEnabled()


def test_a_technique_that_cannot_be_used_is_greyed_with_its_reason(
    qtbot: QtBot, compress: CompressWizard
) -> None:
    page = compress._techniques
    assert not page._boxes["dynamic-quantization"].isEnabled()
    assert f"Not for this model: t{REASON[1:]}" in page._notes["dynamic-quantization"].text()
    assert not compress._next.isEnabled()
    box = page._boxes["channel-pruning"]
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    assert compress._next.isEnabled()
    assert page._order.text() == "Chosen: Channel pruning"


def to_settings(qtbot: QtBot, wizard: CompressWizard, *techniques: str) -> None:
    for id in techniques:
        wizard._techniques._boxes[id].setChecked(True)
    press(qtbot, wizard)


def test_the_settings_are_previewed_while_they_change(
    qtbot: QtBot, compress: CompressWizard
) -> None:
    asked: list[Recipe] = []
    compress.preview_requested.connect(asked.append)
    to_settings(qtbot, compress, "static-quantization", "channel-pruning")
    assert [step.technique for step in asked[0].steps] == ["channel-pruning", "static-quantization"]
    slider = compress._settings.form(0).field("sparsity")._slider
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert asked[-1] != asked[0]
    answer = PreviewReady(
        job="j", number=1, recipe=asked[-1], measurement=figures(0.87, 90_000, None, ORIGINAL)
    )
    compress.show_preview(answer)
    assert compress._settings._figures._size.text() == "90 kB"


def test_enter_takes_a_number_and_does_not_leave_the_page(
    qtbot: QtBot, compress: CompressWizard
) -> None:
    to_settings(qtbot, compress, "channel-pruning")
    edit = compress._settings.form(0).field("sparsity")._edit
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "40")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert compress._settings.recipe.steps[0].params.sparsity == 0.4
    assert compress.page is compress._settings
    qtbot.keyClick(edit, Qt.Key.Key_Return)  # nothing was typed: the wizard's own Enter
    assert compress.page is compress._summary


def test_an_overtaken_preview_is_not_shown(qtbot: QtBot, compress: CompressWizard) -> None:
    to_settings(qtbot, compress, "channel-pruning")
    old = Recipe(steps=(Step.of("channel-pruning", sparsity=0.9),))
    measured = figures(0.2, 10_000, None, ORIGINAL)
    compress.show_preview(PreviewReady(job="j", number=1, recipe=old, measurement=measured))
    assert compress._settings._figures._size.text() == "–"


def test_the_summary_says_what_happens_and_run_does_it(
    qtbot: QtBot, compress: CompressWizard
) -> None:
    to_settings(qtbot, compress, "channel-pruning")
    press(qtbot, compress)
    assert "1 variant will be made" in compress._summary.sentences()
    assert compress._next.text() == "Run now"
    with qtbot.waitSignal(compress.run_requested) as run:
        press(qtbot, compress)
    plan: Plan = run.args[0]
    assert plan == Plan(Recipe(steps=(Step.of("channel-pruning"),)))
    assert not compress.isVisible()


def test_going_back_keeps_the_settings(qtbot: QtBot, compress: CompressWizard) -> None:
    to_settings(qtbot, compress, "channel-pruning")
    compress._settings.form(0).set_values({"sparsity": 0.7})
    press(qtbot, compress, "_back")
    press(qtbot, compress)
    assert compress.plan.recipe.steps[0].params.sparsity == 0.7


def test_a_limit_turns_the_plan_into_a_search(qtbot: QtBot, compress: CompressWizard) -> None:
    page = compress._techniques
    page._boxes["channel-pruning"].setChecked(True)
    page._searched.setChecked(True)
    assert not compress._next.isEnabled()
    qtbot.keyClicks(page._fields.edits["size_bytes"], "50")
    qtbot.keyClicks(page._fields.edits["score"], "1,5")
    press(qtbot, compress)
    press(qtbot, compress)
    plan = compress.plan
    assert plan.limits.size_bytes == 50_000
    assert plan.limits.score == pytest.approx(ORIGINAL.score - 0.015)
    recipes = expand(plan.recipe, plan.varied)
    assert len(recipes) == plan.count > 5
    assert f"{plan.count} variants" in compress._summary.sentences()
    assert "at most 50\u00a0kB" in compress._summary.sentences()
    assert "--vary sparsity=0.0," in compress._summary.command()


def test_a_limit_that_is_no_number_is_refused(qtbot: QtBot, compress: CompressWizard) -> None:
    page = compress._techniques
    page._boxes["channel-pruning"].setChecked(True)
    page._searched.setChecked(True)
    qtbot.keyClicks(page._fields.edits["size_bytes"], "small")
    assert not compress._next.isEnabled()
    assert "not a number" in compress._missing.text()


@pytest.mark.parametrize(
    "steps",
    [
        [Step.of("channel-pruning", sparsity=0.35, importance="random", round_to=16)],
        [Step.of("channel-pruning"), Step.of("static-quantization")],
        [Step.of("weight-pruning", sparsity=0.123456789)],
    ],
)
def test_the_command_line_means_the_very_recipe(steps: list[Step]) -> None:
    recipe = Recipe(steps=tuple(steps))
    words = shlex.split(compress_command("my model.onnx", "d.npz", recipe, "out.onnx"))
    assert words[:5] == ["tinystudio", "compress", "my model.onnx", "--data", "d.npz"]
    assert words[-2:] == ["--output", "out.onnx"]
    groups: list[list[str]] = []
    for word in words[5:-2]:
        if word == "--step":
            groups.append([])
        else:
            groups[-1].append(word)
    assert Recipe(steps=tuple(step_of(group) for group in groups)) == recipe


@pytest.mark.parametrize("part", targets().values(), ids=lambda part: part.id)
def test_the_export_command_carries_the_options(part: Any) -> None:
    command = export_command("m.onnx", None, Recipe(), part.id, "out", part.params())
    words = shlex.split(command)
    assert words == ["tinystudio", "export", "m.onnx", "--to", part.id, "--output", "out"]
    assert part.params(**settings_of([w for w in words if "=" in w])) == part.params()


@pytest.fixture
def export(qtbot: QtBot, tmp_path: Path) -> ExportWizard:
    recipe = Recipe(steps=(Step.of("static-quantization"),))
    wizard = ExportWizard(
        Subject("gallery:watch", "gallery:watch", "Watch", recipe=recipe), tmp_path
    )
    qtbot.addWidget(wizard)
    wizard.open()
    return wizard


def test_every_target_is_offered_with_what_it_is_good_for(export: ExportWizard) -> None:
    assert export.page is export._target  # what is exported is known
    assert set(export._target._buttons) == set(targets())
    assert "“INT8” of Watch" in export._hint.text()
    assert "watch-int8.onnx" in export._target._place.text()
    said = [label.text() for label in export._target.findChildren(QLabel)]
    for part in targets().values():
        assert any(" ".join(part.help.split("\n\n")[0].split()) == text for text in said)


def test_a_target_that_cannot_be_used_is_greyed_with_its_reason(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "The converter is not installed; pip install tinystudio[x] brings it."
    monkeypatch.setattr(type(targets()["ort"]), "unavailable_reason", lambda self: reason)
    wizard = ExportWizard(SUBJECT, tmp_path)
    qtbot.addWidget(wizard)
    wizard.open()
    assert not wizard._target._buttons["ort"].isEnabled()
    assert any(label.text() == reason for label in wizard._target.findChildren(QLabel))
    assert wizard._target.target == "onnx"


def test_the_place_follows_the_target_and_warns_of_overwriting(
    qtbot: QtBot, export: ExportWizard, tmp_path: Path
) -> None:
    (tmp_path / "watch-int8.onnx").write_bytes(b"")
    press(qtbot, export)
    assert export._place.path == tmp_path / "watch-int8.onnx"
    assert "overwritten" in export._place.note()
    press(qtbot, export, "_back")
    export._target.choose("recipe")
    press(qtbot, export)
    assert export._place.path == tmp_path / "watch-int8.json"
    assert export._place.note() == ""


def test_export_now_takes_what_the_other_pages_suggest(
    qtbot: QtBot, export: ExportWizard, tmp_path: Path
) -> None:
    with qtbot.waitSignal(export.export_requested) as asked:
        press(qtbot, export, "_at_once")
    assert asked.args[:2] == ["onnx", tmp_path / "watch-int8.onnx"]
    assert export.page is export._last
    assert not export._at_once.isVisible()


def test_export_now_does_not_overwrite_unasked(
    qtbot: QtBot, export: ExportWizard, tmp_path: Path
) -> None:
    (tmp_path / "watch-int8.onnx").write_bytes(b"mine")
    with qtbot.assertNotEmitted(export.export_requested):
        press(qtbot, export, "_at_once")
    assert export.page is export._last  # which says that it will be overwritten
    assert export._next.text() == "Export"


def test_a_place_that_cannot_be_is_said_at_once(
    qtbot: QtBot, export: ExportWizard, tmp_path: Path
) -> None:
    press(qtbot, export)
    export._place._path.setText(str(tmp_path))
    assert "is a folder" in export._missing.text()
    assert not export._next.isEnabled()
    export._place._path.clear()
    assert not export._next.isEnabled()


def test_the_checks_of_the_written_file_are_listed(
    qtbot: QtBot, export: ExportWizard, tmp_path: Path
) -> None:
    press(qtbot, export)
    press(qtbot, export)
    with qtbot.waitSignal(export.export_requested) as asked:
        press(qtbot, export)
    target, path, options = asked.args
    assert (target, path) == ("onnx", tmp_path / "watch-int8.onnx")
    assert options == targets()["onnx"].params().model_dump()
    assert not export._next.isEnabled()
    export.show_progress(0.5, "Timing")
    assert export._last._bar.value() == 50
    written = Artifact(path=str(path), sha256="0", size_bytes=71_000)
    checks = (
        ExportCheck(title="Opens", passed=True, detail="fresh process"),
        ExportCheck(title="Outputs agree", passed=False, detail="by 0.3"),
    )
    export.show_exported(Exported(job="j", target="onnx", artifacts=(written,), checks=checks))
    assert "✓ Opens: fresh process" in export._last.result()
    assert "✗ Outputs agree: by 0.3" in export._last.result()
    assert str(path) in export._last.result()
    assert not export._next.isVisible()


def test_after_a_failure_one_can_try_another_place(qtbot: QtBot, export: ExportWizard) -> None:
    press(qtbot, export)
    press(qtbot, export)
    press(qtbot, export)
    export.show_failed("Nothing was exported", "The disk is full.", "Free some space.")
    assert "The disk is full." in export._last.result()
    assert export._back.isEnabled()
    press(qtbot, export, "_back")
    assert export.page is export._place


def test_every_wizard_begins_where_something_is_asked(opened: Any) -> None:
    opened.assembly.studio.open_network("gallery:watch")
    desk = opened.assembly.commands.wizards
    for kind in PLANNING:
        desk.plan(kind)
        wizard = desk.planning_wizard(kind)
        assert wizard.page is wizard._pages[1]
        assert "✓&nbsp;Model and data: " in wizard._trail.text()
        wizard.close()
