"""What a user does in the window, and what comes of it."""

from __future__ import annotations

from pathlib import Path

from idle_workers import AT, begun, ended, figures, pruned, variant
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tinystudio.core.errors import UserError
from tinystudio.gui.notice import Notice
from tinystudio.jobs.events import Failed, Interrupted, PreviewReady, VariantFailed
from tinystudio.jobs.job import ExportJob, InspectJob, VariantsJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.project import open_project


def open_watch(opened, qtbot: QtBot) -> None:
    opened.assembly.studio.open_network("gallery:watch")
    opened.engines.come_up()
    opened.engines.finish_opening()
    qtbot.waitUntil(lambda: opened.assembly.studio.session.selected is not None)


def label_texts(widget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def test_when_a_gallery_task_is_opened_it_is_looked_at_and_measured(opened, qtbot):
    opened.assembly.studio.open_network("gallery:watch")
    kinds = [type(job) for job in opened.engines.jobs]
    assert kinds == [InspectJob, VariantsJob]
    assert opened.engines.jobs[1].data == "gallery:watch"


def test_when_the_original_is_measured_its_figures_stand_on_the_right(opened, qtbot):
    open_watch(opened, qtbot)
    qtbot.waitUntil(lambda: "88.0 %" in label_texts(opened.assembly.figures))
    assert "100 kB" in label_texts(opened.assembly.figures)


def test_when_engines_come_up_the_status_bar_says_so(opened, qtbot):
    assert "Engine starting" in label_texts(opened.window.status)
    opened.engines.come_up()
    qtbot.waitUntil(lambda: "Engine ready" in label_texts(opened.window.status))
    qtbot.waitUntil(lambda: "AVX512-VNNI" in opened.window.findChild(QLabel, "here").toolTip()
                    + opened.window.findChild(QLabel, "here").text())  # fmt: skip


def test_when_an_engine_comes_up_again_it_was_restarted(opened, qtbot):
    opened.engines.come_up()
    opened.engines.come_up()
    qtbot.waitUntil(lambda: "Engine restarted" in label_texts(opened.window.status))


def test_when_a_slider_moves_the_newest_recipe_is_previewed(opened, qtbot):
    open_watch(opened, qtbot)
    studio = opened.assembly.studio
    for sparsity in (0.1, 0.2, 0.3, 0.4):
        studio.edit_recipe(pruned(sparsity), True)
    qtbot.waitUntil(lambda: bool(opened.engines.previews()))
    assert opened.engines.previews()[-1].recipe == pruned(0.4)
    assert len(opened.engines.previews()) == 1


def test_when_a_preview_arrives_its_figures_are_marked_as_one(opened, qtbot):
    open_watch(opened, qtbot)
    opened.assembly.studio.edit_recipe(pruned(0.4), True)
    qtbot.waitUntil(lambda: bool(opened.engines.previews()))
    job = opened.engines.previews()[-1]
    answer = PreviewReady(
        job=job.id, number=job.number, recipe=job.recipe, measurement=figures(0.7, 60_000)
    )
    opened.engines.arrived.emit([begun(job), answer, ended(job)])
    qtbot.waitUntil(lambda: "70.0 %" in label_texts(opened.assembly.figures))
    assert "preview on 600 samples" in label_texts(opened.assembly.figures)


def test_when_a_slider_was_dragged_one_undo_takes_it_all_back(opened, qtbot):
    open_watch(opened, qtbot)
    studio = opened.assembly.studio
    studio.edit_recipe(pruned(0.5), False)
    for sparsity in (0.1, 0.2, 0.3):
        studio.edit_recipe(pruned(sparsity), True)
    studio.edit_recipe(pruned(0.35), False)
    studio.undo()
    assert studio.session.recipe == pruned(0.5)


def test_when_a_recipe_is_measured_its_variant_is_selected(opened, qtbot):
    open_watch(opened, qtbot)
    studio = opened.assembly.studio
    studio.edit_recipe(pruned(0.5), False)
    studio.measure()
    opened.engines.finish_variants(Recipe(), pruned(0.5))
    made = variant(pruned(0.5)).id
    qtbot.waitUntil(lambda: studio.session.selected and studio.session.selected.id == made)
    qtbot.waitUntil(opened.window.actions_by_id["keep"].isEnabled)


def test_when_a_variant_is_chosen_its_recipe_is_the_one_to_go_on_with(opened, qtbot):
    open_watch(opened, qtbot)
    studio = opened.assembly.studio
    studio.edit_recipe(pruned(0.5), False)
    studio.measure()
    opened.engines.finish_variants(Recipe(), pruned(0.5))
    studio.choose_variant(studio.session.original.id)
    assert studio.session.recipe == Recipe()
    studio.undo()
    assert studio.session.recipe == pruned(0.5)


def test_when_a_job_fails_the_user_is_told_once_and_nothing_is_modal(opened, qtbot):
    open_watch(opened, qtbot)
    studio = opened.assembly.studio
    studio.edit_recipe(pruned(0.5), False)
    studio.measure()
    job = opened.engines.last(VariantsJob)
    failed = Failed(job=job.id, title="Not measured", detail="The disk is full.", hint="Free some.",
                    at=AT)  # fmt: skip
    opened.engines.say(begun(job), failed)
    qtbot.waitUntil(lambda: bool(opened.notices))
    assert [notice.title for notice in opened.notices] == ["Not measured"]
    assert opened.window.toast.isVisible()
    assert "The disk is full." in label_texts(opened.window.toast)
    # What was added is laid out, and with that visible, in the event loop's next turn.
    qtbot.waitUntil(lambda: "The disk is full." in label_texts(opened.assembly.jobs))


def test_when_one_recipe_of_a_sweep_fails_the_rest_is_shown(opened, qtbot):
    open_watch(opened, qtbot)
    studio = opened.assembly.studio
    studio.edit_recipe(pruned(0.5), False)
    studio.measure()
    job = opened.engines.last(VariantsJob)
    bad = VariantFailed(job=job.id, recipe=pruned(0.9), title="A variant was not made",
                        detail="Nothing would be left.", hint="Remove less.")  # fmt: skip
    opened.engines.say(begun(job), bad, ended(job))
    qtbot.waitUntil(lambda: bool(opened.notices))
    assert "Nothing would be left." in opened.notices[0].detail
    assert opened.notices[0].gravity == "warning"


def test_when_the_engine_dies_the_job_says_interrupted_and_can_be_retried(opened, qtbot):
    open_watch(opened, qtbot)
    studio = opened.assembly.studio
    studio.edit_recipe(pruned(0.5), False)
    studio.measure()
    job = opened.engines.last(VariantsJob)
    opened.engines.say(begun(job), Interrupted(job=job.id, reason="It was ended.", at=AT))
    qtbot.waitUntil(lambda: "interrupted" in label_texts(opened.assembly.jobs))
    button = next(
        b for b in opened.assembly.jobs.findChildren(QPushButton)
        if b.text() == "Retry" and b.isVisible()
    )  # fmt: skip
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert opened.engines.last(VariantsJob).id != job.id
    assert opened.engines.last(VariantsJob).recipes == (pruned(0.5),)


def test_when_the_disk_is_full_the_window_says_that_not_all_is_saved(opened, qtbot):
    opened.engines.trouble.emit(UserError("Not saved", "The disk is full.", "Free some."))
    assert "not saved" in label_texts(opened.window.status)
    opened.engines.recovered.emit()
    assert "all saved" in label_texts(opened.window.status)


def test_when_a_model_has_no_data_the_window_offers_to_attach_some(opened, qtbot):
    opened.assembly.studio.open_network("/models/mine.onnx")
    qtbot.waitUntil(opened.assembly.offer.isVisible)
    assert not opened.window.actions_by_id["measure"].isEnabled()
    opened.assembly.studio.attach_data("/data/mine.npz")
    qtbot.waitUntil(lambda: not opened.assembly.offer.isVisible())


def test_when_a_model_and_its_data_are_dropped_together_both_are_opened(opened, qtbot, tmp_path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / n)) for n in ("d.npz", "m.onnx")])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    opened.window.dropEvent(event)
    session = opened.assembly.studio.session
    assert session.network == str(tmp_path / "m.onnx")
    assert session.data == str(tmp_path / "d.npz")


def test_when_an_unknown_file_is_dropped_the_user_is_told_what_can_be_opened(opened, tmp_path):
    opened.window.files_dropped.emit([tmp_path / "holiday.mp4"])
    assert opened.notices[0].title == "holiday.mp4 was not opened"
    assert ".onnx" in opened.notices[0].hint


def test_when_an_ort_file_is_dropped_the_user_is_told_what_can_be_done_with_it(opened, tmp_path):
    path = tmp_path / "small.ort"
    path.write_bytes(b"\x18\0\0\0ORTM")
    opened.window.files_dropped.emit([path])
    assert "measured but not changed" in opened.notices[0].detail
    assert "tinystudio profile" in opened.notices[0].hint


def test_when_a_model_cannot_be_opened_every_view_says_why(opened, qtbot, tmp_path):
    opened.engines.come_up()
    opened.assembly.opening.open(str(tmp_path / "lost.onnx"))
    job = opened.engines.last(InspectJob)
    opened.engines.say(
        begun(job),
        Failed(
            job=job.id, title="lost.onnx was not opened", detail="No such file.", hint="", at=AT
        ),
    )
    parts = opened.assembly
    qtbot.waitUntil(lambda: "No such file." in label_texts(parts.figures))
    assert "No such file." in label_texts(parts.trade_off)
    opened.window.show_tab(1)
    assert "No such file." in label_texts(parts.layers)
    assert not parts.offer.isVisible()
    assert not opened.window.actions_by_id["export"].isEnabled()


def test_with_no_model_open_nothing_can_be_measured_and_the_buttons_say_why(opened, qtbot):
    panel = opened.assembly.settings
    for button in (panel._measure, panel._keep):
        assert not button.isEnabled()
    qtbot.waitUntil(lambda: panel._measure.toolTip() == "Open a model first.")


def test_when_the_original_is_being_measured_the_empty_plots_say_so(opened, qtbot):
    opened.assembly.studio.open_network("gallery:watch")
    qtbot.waitUntil(lambda: "Measuring the model" in label_texts(opened.assembly.trade_off))


def test_when_a_copy_is_saved_a_notice_says_where(opened, tmp_path):
    opened.assembly.studio.copy_project(tmp_path / "mine")
    assert opened.notices[-1].title == "A copy of the project was saved"
    assert "mine.tinystudio" in opened.notices[-1].detail
    opened.assembly.studio.copy_project(tmp_path / "mine")
    assert "already" in opened.notices[-1].detail


def test_good_news_are_not_framed_as_an_error_and_take_no_empty_line(opened):
    toast, studio = opened.window.toast, opened.assembly.studio
    studio.raise_notice(Notice("The disk is full", "Nothing was saved.", "Free some space."))
    height = toast.height()
    studio.raise_notice(Notice("All is saved again", gravity="news"))
    assert toast.property("role") == "news toast"
    assert toast.height() < height
    studio.raise_notice(Notice("The disk is full"))
    assert toast.property("role") == "error toast"


def test_when_the_notices_are_shown_the_toast_is_gone(opened, tmp_path):
    opened.assembly.opening.open(str(tmp_path / "letter.txt"))
    assert opened.window.toast.isVisible()
    opened.window.show_notices()
    assert not opened.window.toast.isVisible()


def test_when_a_project_is_open_elsewhere_it_is_shown_and_cannot_be_changed(opened, tmp_path):
    with open_project(tmp_path / "held.tinystudio"):
        opened.assembly.opening.open_project(tmp_path / "held.tinystudio")
        assert "read only" in label_texts(opened.window.status)
        assert opened.notices[-1].title == "The project is open for reading only"
        opened.assembly.studio.close()


def test_when_a_recipe_file_is_broken_the_recipe_stays(opened, qtbot, tmp_path):
    open_watch(opened, qtbot)
    opened.assembly.studio.edit_recipe(pruned(0.3), False)
    (tmp_path / "r.json").write_text('{"version": 1, "steps": [{"technique": "magic"}]}')
    opened.assembly.opening.open(str(tmp_path / "r.json"))
    assert opened.assembly.studio.session.recipe == pruned(0.3)
    assert len(opened.notices) == 1


def test_when_a_recipe_file_is_opened_it_becomes_the_recipe(opened, qtbot, tmp_path):
    open_watch(opened, qtbot)
    (tmp_path / "r.json").write_text(pruned(0.7).model_dump_json())
    opened.assembly.opening.open(str(tmp_path / "r.json"))
    qtbot.waitUntil(lambda: opened.assembly.settings.recipe == pruned(0.7))


def test_when_a_variant_is_exported_the_wizard_hears_how_it_went(opened, qtbot):
    open_watch(opened, qtbot)
    opened.window.actions_by_id["export"].trigger()
    wizard = opened.assembly.commands.wizards.export_wizard
    assert wizard is not None
    wizard.export_requested.emit("onnx", Path("/tmp/x.onnx"), {})
    job = opened.engines.last(ExportJob)
    opened.engines.say(
        begun(job), Failed(job=job.id, title="No", detail="Full.", hint="Free.", at=AT)
    )
    qtbot.waitUntil(lambda: "Full." in "".join(x.text() for x in wizard.findChildren(QLabel)))
    wizard.close()


def test_when_everything_is_cancelled_every_open_job_is_asked_to_end(opened, qtbot):
    opened.assembly.studio.open_network("gallery:watch")
    qtbot.waitUntil(opened.window.actions_by_id["cancel-jobs"].isEnabled)
    opened.window.actions_by_id["cancel-jobs"].trigger()
    assert opened.engines.cancelled == [job.id for job in opened.engines.jobs]


def test_when_a_variant_is_deleted_undo_brings_it_back(opened, qtbot):
    open_watch(opened, qtbot)
    studio = opened.assembly.studio
    studio.edit_recipe(pruned(0.5), False)
    studio.measure()
    opened.engines.finish_variants(Recipe(), pruned(0.5))
    made = variant(pruned(0.5)).id
    studio.delete(made)
    assert studio.session.variant(made) is None
    qtbot.waitUntil(opened.window.actions_by_id["undo"].isEnabled)
    opened.window.actions_by_id["undo"].trigger()
    assert studio.session.variant(made) is not None


def test_when_a_variant_is_kept_the_panel_no_longer_offers_to_keep_it(opened, qtbot):
    open_watch(opened, qtbot)
    studio = opened.assembly.studio
    studio.edit_recipe(pruned(0.5), False)
    studio.measure()
    opened.engines.finish_variants(Recipe(), pruned(0.5))
    keep = next(
        b for b in opened.assembly.settings.findChildren(QPushButton)
        if b.text() == "Keep this variant"
    )  # fmt: skip
    qtbot.waitUntil(keep.isEnabled)
    qtbot.mouseClick(keep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not keep.isEnabled())
    assert opened.engines.last(VariantsJob).split == "test"
    qtbot.waitUntil(lambda: opened.window.actions_by_id["keep"].text() == "Let this variant go")


def test_when_a_wizard_asks_for_previews_the_recipe_stays(opened, qtbot):
    open_watch(opened, qtbot)
    opened.window.actions_by_id["compress"].trigger()
    wizard = opened.assembly.commands.wizards.compress_wizard
    assert wizard is not None
    wizard.preview_requested.emit(pruned(0.6))
    assert opened.engines.previews()[-1].recipe == pruned(0.6)
    assert opened.assembly.studio.session.recipe == Recipe()
    wizard.close()
