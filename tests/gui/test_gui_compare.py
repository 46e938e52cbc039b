"""Variants side by side: chosen in lists and plots, shown in a tab of their own."""

from __future__ import annotations

import csv
import io

import pytest
from comparison_examples import comparison, layer_spread
from idle_workers import begun, ended, pruned, variant
from opened_window import Opened
from PySide6.QtCore import QItemSelectionModel, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTableWidget
from pytestqt.qtbot import QtBot

from tinystudio.core.data import Split
from tinystudio.core.measurement import Conditions
from tinystudio.gui.panels.compare import ComparePanel
from tinystudio.gui.window import COMPARE_TAB
from tinystudio.jobs.comparison import Comparison
from tinystudio.jobs.events import Cancelled, Compared, Failed, Progressed, SpreadRead, VariantReady
from tinystudio.jobs.job import CompareJob, SpreadJob, VariantsJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.jobs.variant import variant_id
from tinystudio.session.comparing import compare_job

TASK = "gallery:watch"


def texts(table: QTableWidget) -> list[list[str]]:
    return [
        [item.text() if (item := table.item(r, c)) else "" for c in range(table.columnCount())]
        for r in range(table.rowCount())
    ]


def show(panel: ComparePanel, found: Comparison) -> None:
    """Show a comparison and look at every view of it; they are filled when they are seen."""
    panel.show_comparison(found)
    for tab in range(panel.tabs.count()):
        panel.tabs.setCurrentIndex(tab)


@pytest.fixture
def panel(qtbot: QtBot) -> ComparePanel:
    shown = ComparePanel()
    qtbot.addWidget(shown)
    shown.resize(640, 480)
    shown.show()
    return shown


@pytest.fixture
def measured(opened: Opened) -> Opened:
    """A task with the original and two variants."""
    opened.assembly.opening.open(TASK)
    opened.engines.finish_opening()
    for share in (0.3, 0.5):
        opened.assembly.studio.session.edit(pruned(share), "Prune")
        opened.assembly.studio.session.measure()
        opened.engines.finish_variants(pruned(share))
    return opened


def ids(opened: Opened) -> list[str]:
    return [item.id for item in opened.assembly.studio.session.variants()]


def answer(opened: Opened, found: Comparison) -> CompareJob:
    job = opened.engines.last(CompareJob)
    assert isinstance(job, CompareJob)
    opened.engines.say(begun(job), Compared(job=job.id, comparison=found), ended(job))
    return job


def test_figures_say_what_is_tied_and_what_is_worse(panel: ComparePanel) -> None:
    show(panel, comparison())
    rows = {row[0]: row[1:] for row in texts(panel.figures.table)}
    assert rows["change (points)"] == ["reference", "−4.40 (−6.0 … −3.0) worse"]
    assert rows["speed"] == ["reference", "4.10× faster"]
    assert "10.1× smaller" in rows["size"][1]
    assert texts(panel.figures.pairs)[0][-2:] == ["31", "2"]


def test_only_the_view_in_front_is_filled(panel: ComparePanel) -> None:
    panel.show_comparison(comparison())
    assert texts(panel.figures.table)
    assert not texts(panel.classes.table)
    panel.tabs.setCurrentWidget(panel.classes)
    assert texts(panel.classes.table)
    panel.show_comparison(comparison())
    panel.tabs.setCurrentWidget(panel.figures)
    assert texts(panel.figures.table)


def test_classes_and_confusions_show_the_difference(panel: ComparePanel) -> None:
    show(panel, comparison())
    assert texts(panel.classes.table)[0] == ["walk", "100", "90.0 %", "60.0 % (−30.0)"]
    assert texts(panel.classes.table)[1][-1] == "88.8 % (+1.2 tie)"
    assert texts(panel.confusions.matrix) == [["+1", "−1"], ["+30", "−30"]]
    assert "INT8 against original: class / taken for,sit,walk\nsit,1,-1" in panel.confusions.as_csv
    panel.confusions.choice.setCurrentIndex(1)
    assert texts(panel.confusions.matrix) == [["70", "10"], ["10", "90"]]
    assert texts(panel.confusions.table) == [["walk", "sit", "10", "40 (+30)"]]


def test_samples_can_be_narrowed_to_what_was_mended(panel: ComparePanel) -> None:
    show(panel, comparison())
    model = panel.samples.list.model()
    said = model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == (
        "new mistake: INT8, sample 7 · walk: ✓ original: walk, 80 % sure, ✕ INT8: sit, 60 % sure"
    )
    panel.samples.choice.setCurrentText("fixed")
    assert model.rowCount() == 1
    assert "sample 9" in model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_two_pairs_of_variants_never_look_alike_on_a_small_screen(panel: ComparePanel) -> None:
    show(panel, comparison())
    assert texts(panel.figures.pairs)[0][1] == "−4.40 (−6.0 … −3.0) worse"
    assert panel.figures.pairs.columnCount() == 4
    assert "90 % interval" in panel.figures.as_csv


def test_layers_tell_what_they_are_run_as(panel: ComparePanel) -> None:
    show(panel, comparison())
    assert texts(panel.layers.table) == [
        ["conv1", "Conv", "20 µs", "5 µs"],
        ["skip", "Add", "2 µs", "not there"],
    ]
    told = panel.layers.runs.toPlainText()
    assert told.startswith("In the file: conv1 + relu\noriginal: Conv, 20 µs, all in one step")
    panel.layers.choice.setCurrentText("Precision")
    assert texts(panel.layers.table)[0][2:] == ["float32", "INT8"]


def test_the_view_in_front_is_copied_as_csv(panel: ComparePanel) -> None:
    show(panel, comparison())
    panel.tabs.setCurrentWidget(panel.layers)
    panel.copy_as_csv()
    rows = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text())))
    assert rows[0][:3] == ["layer", "kind", "original: time"]
    assert rows[1][0] == "conv1"
    assert "INT8" in rows[1]


def test_what_is_empty_says_why(panel: ComparePanel) -> None:
    assert "Ctrl+Shift+C" in panel.words
    why = {"classes": "No classes.", "confusions": "One class.", "samples": "All alike."}
    bare = {"class_rows": (), "confusions": (), "changed": (), "layers": (), "why": why}
    show(panel, comparison().model_copy(update=bare))
    assert panel.classes._empty.text() == "No classes."
    assert panel.confusions._empty.text() == "One class."
    assert panel.samples._empty.text() == "All alike."
    panel.tabs.setCurrentWidget(panel.samples)
    assert panel.samples._empty.isVisible()


def test_a_layer_is_read_when_the_weights_are_looked_at(panel: ComparePanel, qtbot: QtBot) -> None:
    panel.show_comparison(comparison())
    with qtbot.waitSignal(panel.spread_requested) as asked:
        panel.tabs.setCurrentWidget(panel.weights)
    assert asked.args == ["conv1"]
    panel.weights.show_spread(layer_spread("conv9"))  # of another time
    assert panel.weights.weights.count == 0
    panel.weights.show_spread(layer_spread())
    assert panel.weights.weights.count == panel.weights.weight_ranges.count == 1
    assert "data" in panel.weights._no_outputs.text()
    assert panel.weights._no_outputs.isVisible()
    assert texts(panel.weights.table)[0] == ["1", "-1", "1"]


def test_selected_rows_are_compared_and_the_answer_is_remembered(measured: Opened) -> None:
    assembly, chosen = measured.assembly, ids(measured)[:2]
    view = assembly.runs._view
    for row in range(2):
        flag = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        view.selectionModel().select(view.model().index(row, 0), flag)
    assert assembly.compare.chosen == assembly.runs.selected_ids()
    assembly.compare.compare(chosen)
    job = measured.engines.last(CompareJob)
    assert isinstance(job, CompareJob)
    assert [item.id for item in job.contenders] == chosen
    assert job.split == "validation"
    measured.engines.say(begun(job), Progressed(job=job.id, fraction=0.4, text="Running"))
    assembly.studio._tell()
    assert "Running" in assembly.compare.panel.words
    answer(measured, comparison())
    assembly.studio._tell()
    assert "649 samples of validation" in assembly.compare.panel.words
    assert measured.window._centre.currentIndex() == COMPARE_TAB
    sent = len(measured.engines.jobs)
    assembly.compare.panel.show_nothing()
    assembly.compare.compare(chosen)
    assert "649" in assembly.compare.panel.words
    assert len(measured.engines.jobs) == sent  # nothing is computed twice


def test_what_is_chosen_in_one_list_outlives_what_the_others_show(measured: Opened) -> None:
    assembly = measured.assembly
    assembly.studio._tell()
    view, rows = assembly.runs._view, QItemSelectionModel.SelectionFlag.Rows
    for row in (1, 2):
        flags = QItemSelectionModel.SelectionFlag.Select | rows
        view.selectionModel().setCurrentIndex(view.model().index(row, 1), flags)
        assembly.studio._tell()  # the browser and the plots follow
    assert assembly.runs.selected_ids() == ids(measured)[1:]
    assert assembly.compare.chosen == ids(measured)[1:]


def test_one_variant_alone_is_held_against_the_original(measured: Opened) -> None:
    session = measured.assembly.studio.session
    session.select(ids(measured)[2])
    measured.assembly.compare.choose([])
    measured.assembly.actions["compare"].trigger()
    job = measured.engines.last(CompareJob)
    assert isinstance(job, CompareJob)
    assert [item.id for item in job.contenders] == [ids(measured)[0], ids(measured)[2]]


def test_too_few_variants_are_refused_in_words(measured: Opened) -> None:
    measured.assembly.studio.session.select(None)
    measured.assembly.compare.choose([])
    measured.assembly.compare.compare_chosen()
    assert "Ctrl or Shift" in measured.notices[-1].hint


def test_ctrl_and_a_click_in_the_plot_choose_beside_the_selected(
    measured: Opened, qtbot: QtBot
) -> None:
    studio, trade_off = measured.assembly.studio, measured.assembly.trade_off
    studio._tell()
    trade_off._draw()
    first, second, _ = ids(measured)
    studio.session.select(first)
    chart = trade_off.charts[0]
    measured.window.show_tab(0)
    point = chart.point(second)
    assert point is not None
    place = chart.place_of(point)
    assert chart.point_at(QPointF(place)) is not None
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, control, place)
    assert measured.assembly.compare.chosen == [first, second]
    assert len(chart._rings.data) == 2
    measured.assembly.compare.toggle(second)
    assert measured.assembly.compare.chosen == []


def say_measured(
    opened: Opened, recipe: Recipe, split: Split, latency_ms: float | None = None
) -> str:
    """Let the engine say that it has measured a recipe on a split; return the variant's id."""
    job = VariantsJob(network=TASK, data=TASK, recipes=(recipe,), split=split)
    made, id = variant(recipe), variant_id(TASK, TASK, 0, recipe, split)
    timed = {
        "latency_ms": latency_ms, "latency_ms_status": "measured", "latency_interval_ms": None,
        "latency_ratio": 0.5 if recipe.steps else None, "conditions": Conditions(),
    }  # fmt: skip
    update = {"split": split} if latency_ms is None else {"split": split, **timed}
    figures = made.measurement.model_copy(update=update)
    told = made.model_copy(update={"id": id, "measurement": figures})
    opened.engines.say(begun(job), VariantReady(job=job.id, variant=told), ended(job))
    return id


def test_kept_variants_are_compared_on_test(measured: Opened) -> None:
    recipes, session = (Recipe(), pruned(0.6)), measured.assembly.studio.session
    chosen = [say_measured(measured, recipe, "validation") for recipe in recipes]
    for recipe in recipes:
        say_measured(measured, recipe, "test")
    assert compare_job(session, chosen).split == "validation"
    session.keep(chosen[1])
    job = compare_job(session, chosen)
    assert job.split == "test"
    assert all(item.measurement and item.measurement.split == "test" for item in job.contenders)


def test_a_comparison_that_is_shown_moves_with_the_original_s_newest_time(
    measured: Opened,
) -> None:
    first, second = (say_measured(measured, recipe, "validation", 0.1)
                     for recipe in (Recipe(), pruned(0.6)))  # fmt: skip
    measured.assembly.compare.compare([first, second])
    job = measured.engines.last(CompareJob)
    assert isinstance(job, CompareJob)
    answer(measured, comparison().model_copy(update={"contenders": job.contenders}))
    measured.assembly.studio._tell()
    table = measured.assembly.compare.panel.figures.table
    assert "'100 µs', '50.0 µs'" in str(texts(table))
    say_measured(measured, Recipe(), "validation", 0.2)
    measured.assembly.studio._tell()
    assert "'200 µs', '100 µs'" in str(texts(table))


def test_a_comparison_that_fails_says_why_in_its_place(measured: Opened) -> None:
    measured.assembly.compare.compare(ids(measured)[:2])
    job = measured.engines.last(CompareJob)
    failed = Failed(job=job.id, title="Not run", detail="It broke.", hint="Mend it.", at="")
    measured.engines.say(begun(job), failed)
    measured.assembly.studio._tell()
    assert "It broke. Mend it." in measured.assembly.compare.panel.words


def test_a_comparison_that_is_asked_for_again_in_the_list_of_jobs_is_shown(
    measured: Opened,
) -> None:
    assembly = measured.assembly
    assembly.compare.compare(ids(measured)[:2])
    job = measured.engines.last(CompareJob)
    measured.engines.say(begun(job), Cancelled(job=job.id, at=""))
    assembly.studio._tell()
    assert "cancelled" in assembly.compare.panel.words
    assembly.studio.session.retry(job.id)
    assert answer(measured, comparison()).id != job.id
    assembly.studio._tell()
    assert "649" in assembly.compare.panel.words


def test_a_layer_asked_for_is_read_by_the_engine(measured: Opened) -> None:
    assembly = measured.assembly
    assembly.compare.compare(ids(measured)[:2])
    answer(measured, comparison())
    assembly.studio._tell()
    assembly.compare.panel.tabs.setCurrentWidget(assembly.compare.panel.weights)
    job = measured.engines.last(SpreadJob)
    assert isinstance(job, SpreadJob)
    assert job.layer == "conv1"
    measured.engines.say(begun(job), SpreadRead(job=job.id, spread=layer_spread()), ended(job))
    assembly.studio._tell()
    assert assembly.compare.panel.weights.weights.count == 1


def test_a_comparison_is_not_kept_in_the_project(measured: Opened) -> None:
    measured.assembly.compare.compare(ids(measured)[:2])
    answer(measured, comparison())
    kinds = {event.kind for event in measured.assembly.studio.session.project.memory().events}
    assert "compared" not in kinds
    open_runs = [run.job.kind for run in measured.assembly.studio.session.runs.open]
    assert "compare" not in open_runs


def test_the_baseline_is_what_others_are_held_against_and_is_added_in_one_click(
    measured: Opened, qtbot: QtBot
) -> None:
    assembly, (original, first, second) = measured.assembly, ids(measured)
    session, panel = assembly.studio.session, assembly.compare.panel
    assembly.compare.compare([original, first])
    answer(measured, comparison())
    assembly.studio._tell()
    assert panel.baseline.isHidden()  # the original is the baseline, and is held against
    session.set_baseline(second)
    qtbot.waitUntil(panel.baseline.isVisible)
    assert panel.baseline.text().startswith("Add “")
    panel.baseline.click()
    job = measured.engines.last(CompareJob)
    assert isinstance(job, CompareJob)
    assert [item.id for item in job.contenders] == [second, original, first]
    assert panel.baseline.isHidden()
    session.undo()
    qtbot.waitUntil(lambda: not panel.baseline.isHidden())
    assert panel.baseline.text() == "Against the original"
    panel.baseline.click()
    assert measured.engines.last(CompareJob).contenders[0].id == original  # type: ignore[union-attr]


def test_one_variant_alone_is_compared_with_the_baseline(measured: Opened) -> None:
    original, first, second = ids(measured)
    studio = measured.assembly.studio
    studio.session.set_baseline(first)
    for selected, others in ((second, [first, second]), (first, [first, original])):
        studio.choose_variant(selected)
        measured.assembly.compare.compare_chosen()
        job = measured.engines.last(CompareJob)
        assert isinstance(job, CompareJob)
        assert [item.id for item in job.contenders] == others


def test_cards_use_the_width_and_the_list_of_confusions_stands_where_there_is_room(
    panel: ComparePanel, qtbot: QtBot
) -> None:
    show(panel, comparison())
    panel.tabs.setCurrentWidget(panel.samples)
    cards = panel.samples.list
    first, second = (cards.model().index(row, 0) for row in range(2))
    qtbot.waitUntil(lambda: cards.visualRect(first).y() == cards.visualRect(second).y())
    split = panel.confusions._split
    panel.tabs.setCurrentWidget(panel.confusions)
    qtbot.waitUntil(lambda: split.orientation() is Qt.Orientation.Vertical)
    panel.resize(1100, 600)
    qtbot.waitUntil(lambda: split.orientation() is Qt.Orientation.Horizontal)
    assert "Change against original" in panel.confusions._note.whole
    panel.confusions.choice.setCurrentIndex(1)
    assert panel.confusions._note.whole.startswith("Rows: true class")
