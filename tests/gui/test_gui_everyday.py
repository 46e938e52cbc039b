"""Reports, sharing, disk use, diagnostics, baselines and imported figures, from the window."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from gui_examples import figures
from idle_workers import begun, ended, inspection
from opened_window import Opened
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tinystudio.gui.disk_sheet import DiskSheet
from tinystudio.gui.everyday_desks import EverydayDesks
from tinystudio.gui.variant_table import COLUMNS
from tinystudio.jobs.events import EngineReady, Event, Inspected, VariantReady
from tinystudio.jobs.job import InspectJob, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.jobs.variant import Variant, variant_id
from tinystudio.session.disk import DiskItem
from tinystudio.session.front import Limits
from tinystudio.session.sharing import is_shared_project

NETWORK = "gallery:watch"
ORIGINAL = figures()
RECIPES = tuple(Recipe(steps=(Step.of("channel-pruning", sparsity=s),)) for s in (0.3, 0.6))


def made(recipe: Recipe, split: str = "validation") -> Variant:
    measured = ORIGINAL
    if recipe.steps:
        at = RECIPES.index(recipe)
        measured = figures(0.88 - at * 0.06, 300_000 - at * 200_000, 0.1 - at * 0.05, ORIGINAL)
    return Variant(
        id=variant_id(NETWORK, NETWORK, 0, recipe, split),  # type: ignore[arg-type]
        network=NETWORK, data=NETWORK, seed=0, recipe=recipe,
        series="channel-pruning" if recipe.steps else "original",
        measurement=measured.model_copy(update={"split": split}),
    )  # fmt: skip


FIRST, SECOND = (made(recipe).id for recipe in RECIPES)


@pytest.fixture
def studio(opened: Opened, qtbot: QtBot) -> Opened:
    """The window on two measured variants."""
    session = opened.assembly.studio.session
    session.open_network(NETWORK, NETWORK)
    look, jobs = (next(job for job in opened.engines.jobs if isinstance(job, kind))
                  for kind in (InspectJob, VariantsJob))  # fmt: skip
    told: list[Event] = [EngineReady(pid=n, cpu="", instruction_sets=()) for n in (1, 2)]
    told += [begun(look), Inspected(job=look.id, inspection=inspection()), ended(look), begun(jobs)]
    told += [VariantReady(job=jobs.id, variant=made(it)) for it in (Recipe(), *RECIPES)]
    told += [ended(jobs)]
    opened.engines.arrived.emit(told)
    for run in session.runs.open:  # what the studio begins by itself
        opened.engines.arrived.emit([begun(run.job), ended(run.job)])
    qtbot.waitUntil(lambda: len(opened.assembly.runs._model.ids()) == 3)
    return opened


@pytest.fixture
def desks(studio: Opened) -> EverydayDesks:
    return studio.assembly.commands.everyday


@pytest.fixture
def notice(studio: Opened, qtbot: QtBot) -> Callable[[str], str]:
    """Wait for a notice that begins so, and return all of it."""

    def wait(title: str) -> str:
        def found() -> list[str]:
            return [it.text for it in studio.notices if it.title.startswith(title)]

        qtbot.waitUntil(lambda: bool(found()), timeout=10_000)
        return found()[-1]

    return wait


def test_a_report_is_written_once_its_variant_is_measured_on_test(
    studio: Opened, desks: EverydayDesks, notice: Callable[[str], str], tmp_path: Path
) -> None:
    studio.assembly.studio.choose_variant(SECOND)
    output = tmp_path / "r.html"
    desks.reports.begin(output)
    (asked,) = [j for j in studio.engines.jobs if isinstance(j, VariantsJob) and j.split == "test"]
    assert asked.recipes == (RECIPES[1],) and not output.exists()
    studio.engines.arrived.emit(
        [begun(asked), VariantReady(job=asked.id, variant=made(RECIPES[1], "test")), ended(asked)]
    )
    assert str(output) in notice("The report is written")
    assert "channels −60 %" in output.read_text(encoding="utf-8")
    assert studio.notices[-1].way is not None and studio.notices[-1].way.file == str(output)


def test_a_report_under_another_name_is_refused_at_once(
    studio: Opened, desks: EverydayDesks, tmp_path: Path
) -> None:
    desks.reports.begin(tmp_path / "r.docx")
    assert studio.notices[-1].title == "No report was written"
    assert not desks.background.is_busy


def test_another_baseline_changes_figures_tables_and_plots_and_is_undone(
    studio: Opened, qtbot: QtBot
) -> None:
    assembly = studio.assembly
    assembly.studio.choose_variant(FIRST)
    assembly.commands.carry_out("set-baseline")
    assembly.studio.choose_variant(SECOND)
    table = assembly.runs._model
    change = [c.id for c in COLUMNS].index("change")

    def shown(id: str) -> str:
        row = table.row_of(id)
        assert row is not None
        return str(table.data(table.index(row, change), Qt.ItemDataRole.DisplayRole))

    qtbot.waitUntil(lambda: shown(FIRST) == "baseline" and shown(made(Recipe()).id) != "")
    assert shown(SECOND).startswith("−6.0")
    qtbot.waitUntil(lambda: "channels −30 %" in assembly.trade_off.note)
    qtbot.waitUntil(lambda: "Changes are against" in assembly.figures._status.text())
    assembly.studio.set_limits(Limits(size_bytes=150_000))
    smaller = "3.00× smaller than “channels −30\u00a0%”"
    qtbot.waitUntil(lambda: smaller in assembly.trade_off.answer.text())
    assembly.commands.carry_out("compress-for-goal")
    wizard = assembly.commands.wizards.goal_wizard
    assert wizard is not None
    fields = wizard._goal.fields
    fields.edits["score"].setText("2")
    base = made(RECIPES[0]).measurement
    assert fields.limits().score == pytest.approx((base.score or 0.0) - 0.02)
    assert fields._units["score"].text().endswith("counted from “channels −30 %”")
    wizard.close()
    assembly.studio.undo()  # the limit
    assembly.studio.undo()  # the choice of the second
    assembly.studio.undo()
    qtbot.waitUntil(lambda: shown(FIRST) != "baseline" and shown(made(Recipe()).id) == "–")


def test_figures_of_a_device_are_a_series_of_their_own(
    studio: Opened, desks: EverydayDesks, tmp_path: Path, qtbot: QtBot
) -> None:
    trade_off, table = studio.assembly.trade_off, tmp_path / "Pi 4.csv"
    desks.baseline.write_table(table)
    assert FIRST in table.read_text()
    table.write_text(f"variant,latency_ms\n{FIRST},2.5\n{SECOND},1.5\n")
    desks.baseline.take(table)
    qtbot.waitUntil(lambda: "measured on Pi 4, imported" in trade_off.legend.titles)
    imported = [p for p in trade_off.charts[1].points if p.series.startswith("measured on")]
    assert sorted(p.cost for p in imported) == [1500.0, 2500.0]
    assert not [p for p in trade_off.charts[0].points if p.series.startswith("measured on")]
    trade_off._on_point_chosen(imported[0].id)
    assert studio.assembly.studio.session.state.selected in (FIRST, SECOND)
    studio.assembly.studio.undo()
    studio.assembly.studio.undo()
    qtbot.waitUntil(lambda: "measured on Pi 4, imported" not in trade_off.legend.titles)


def test_what_is_stale_is_measured_again_with_one_click(studio: Opened, qtbot: QtBot) -> None:
    old = made(RECIPES[0])
    conditions = old.measurement.conditions.model_copy(update={"cpu": "another"})
    aged = old.model_copy(
        update={"measurement": old.measurement.model_copy(update={"conditions": conditions})}
    )
    again = VariantsJob(network=NETWORK, data=NETWORK, recipes=(), id="again")
    here = EngineReady(pid=3, cpu="this", instruction_sets=())
    studio.engines.arrived.emit(
        [here, begun(again), VariantReady(job="again", variant=aged), ended(again)]
    )
    buttons = studio.assembly.trade_off.findChildren(QPushButton)
    (button,) = [it for it in buttons if it.text() == "Measure again"]
    qtbot.waitUntil(button.isVisible)
    studio.assembly.studio.choose_variant(FIRST)
    figures_button = studio.assembly.figures.findChild(QPushButton)
    assert figures_button is not None
    qtbot.waitUntil(figures_button.isVisible)
    button.click()
    asked = studio.engines.jobs[-1]
    assert isinstance(asked, VariantsJob) and asked.recipes == (RECIPES[0],)


def test_throughput_is_asked_in_batches(studio: Opened) -> None:
    studio.assembly.studio.choose_variant(FIRST)
    studio.assembly.commands.carry_out("throughput")
    asked = studio.engines.jobs[-1]
    assert isinstance(asked, VariantsJob)
    assert asked.batches == (1, 8, 32) and asked.recipes == (RECIPES[0],)


def test_a_project_is_shared_and_opened_again(
    studio: Opened, desks: EverydayDesks, notice: Callable[[str], str], tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "there" / "mine.tinystudio.zip"
    studio.assembly.studio.session.project.write([])
    desks.sharing.share(file)
    assert "no names of folders" in notice("The project can be shared")
    assert is_shared_project(file)
    studio.assembly.opening.open(str(file))
    qtbot.waitUntil(
        lambda: studio.assembly.studio.session.project.folder.parent == file.parent, timeout=10_000
    )


def test_disk_use_is_shown_and_removed_what_is_marked(
    studio: Opened, desks: EverydayDesks, notice: Callable[[str], str], qtbot: QtBot
) -> None:
    session = studio.assembly.studio.session
    project = session.project
    qtbot.wait(100)  # what is begun by itself has been asked for by then
    for run in session.runs.open:
        studio.engines.arrived.emit([begun(run.job), ended(run.job)])
    assert not session.runs.open
    (project.artifacts / "loose.onnx").write_bytes(b"x" * 4000)
    desks.disk.show()
    sheet = desks.disk.sheet
    assert sheet is not None
    qtbot.waitUntil(lambda: "variants" in sheet.marked)
    sheet.removal_requested.emit(["variants"])
    assert "4.0 kB" in notice("4.0 kB were freed")
    assert not (project.artifacts / "loose.onnx").exists()
    qtbot.waitUntil(lambda: "variants" not in sheet.marked and not desks.background.is_busy)
    sheet.close()


def test_diagnostics_are_saved(
    desks: EverydayDesks, notice: Callable[[str], str], tmp_path: Path
) -> None:
    desks.diagnostics.save(tmp_path / "d.zip")
    notice("Diagnostics are saved")
    assert "versions.json" in zipfile.ZipFile(tmp_path / "d.zip").namelist()


def test_limits_and_data_are_taken_back_with_words_in_the_edit_menu(
    studio: Opened, qtbot: QtBot
) -> None:
    assembly, undo = studio.assembly, studio.window.actions_by_id["undo"]
    session = assembly.studio.session
    assembly.trade_off.limits_changed.emit(Limits(size_bytes=150_000))
    qtbot.waitUntil(lambda: undo.text() == "Undo: Limit size")
    undo.trigger()
    qtbot.waitUntil(lambda: assembly.trade_off.limits == Limits())
    session.redo()
    qtbot.waitUntil(lambda: assembly.trade_off.limits.size_bytes == 150_000)
    assembly.commands.carry_out("detach-data")
    qtbot.waitUntil(lambda: undo.text() == "Undo: Detach the data")
    qtbot.waitUntil(assembly.offer.isVisible)  # to attach some
    assert assembly.runs._model.ids() == []
    undo.trigger()
    qtbot.waitUntil(lambda: len(assembly.runs._model.ids()) == 3)
    assert not assembly.offer.isVisible()


def test_the_disk_sheet_is_as_wide_as_its_longest_title(qtbot: QtBot) -> None:
    sheet = DiskSheet()
    qtbot.addWidget(sheet)
    sheet.show()
    title = "Results of trainings " * 5
    sheet.show_items([DiskItem("trainings", title, 15_000_000, 3, "It trains again.", True, True)])
    bar = sheet._area.horizontalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 0)
