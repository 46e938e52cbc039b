"""Data or a model that has moved is found again from the window, and what was measured stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from idle_workers import begun, ended, inspection, variant
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from tinystudio.gui.file_dialogs import FileDialogs
from tinystudio.jobs.events import Inspected, VariantReady
from tinystudio.jobs.inspection import Inspection
from tinystudio.jobs.job import ExploreJob, InspectJob, VariantsJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.jobs.variant import variant_id
from tinystudio.session.project import Project, open_project
from tinystudio.session.records import ProjectState


def looked(fingerprint: str = "same", train: int = 900) -> Inspection:
    made = inspection()
    assert made.data is not None
    data = made.data.model_copy(update={"fingerprint": fingerprint, "train": train})
    return made.model_copy(update={"data": data, "fingerprint": f"model {fingerprint}"})


def remember(project: Project, network: str, data: str) -> None:
    """Write what a project has of a model that was looked at and measured."""
    look = InspectJob(network=network, data=data, id="look")
    made = VariantsJob(network=network, data=data, recipes=(Recipe(),), id="made")
    original = variant(Recipe(), network).model_copy(
        update={"data": data, "id": variant_id(network, data, 0, Recipe(), "validation")}
    )
    project.write(
        [
            begun(look), Inspected(job="look", inspection=looked()), ended(look),
            begun(made), VariantReady(job="made", variant=original), ended(made),
            ProjectState(network=network, data=data),
        ]
    )  # fmt: skip


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A model that is there, data that is not, and where the data is now."""
    model, old, new = tmp_path / "m.onnx", tmp_path / "old.npz", tmp_path / "new.npz"
    model.touch()
    new.touch()
    return model, old, new


def open_other(opened, tmp_path: Path, network: Path, data: Path) -> None:
    folder = tmp_path / "moved.tinystudio"
    with open_project(folder) as project:
        remember(project, str(network), str(data))
    opened.assembly.opening.open_project(folder)
    opened.engines.come_up()


def choose(monkeypatch, path: Path) -> list[str]:
    asked: list[str] = []

    def chosen(self, kind, title, *rest) -> None:
        asked.append(title)
        rest[-1](path)

    monkeypatch.setattr(FileDialogs, "ask_file", chosen)
    monkeypatch.setattr(FileDialogs, "ask_folder", chosen)
    return asked


def offered(opened) -> QPushButton:
    (found,) = opened.assembly.offer.findChildren(QPushButton)
    return found


def find(opened, qtbot, way: str) -> None:
    qtbot.waitUntil(opened.assembly.offer.isVisible)
    entries = {entry.text(): entry for entry in offered(opened).menu().actions()}
    entries[way].trigger()


def answer(opened, found: Inspection) -> InspectJob:
    look = opened.engines.last(InspectJob)
    opened.engines.say(begun(look), Inspected(job=look.id, inspection=found), ended(look))
    return look


@pytest.mark.parametrize("way", ["File…", "Folder…"])
def test_data_that_is_found_again_keeps_its_variants(
    opened, qtbot, tmp_path, places, monkeypatch, way
):
    model, old, new = places
    open_other(opened, tmp_path, model, old)
    qtbot.waitUntil(opened.assembly.offer.isVisible)
    assert "old.npz was not found" in opened.assembly.offer.accessibleDescription()
    assert not any(isinstance(job, ExploreJob) for job in opened.engines.jobs)
    asked = choose(monkeypatch, new)
    find(opened, qtbot, way)
    assert asked == ["Where is old.npz now?"]
    assert opened.engines.last(InspectJob).data == str(new)
    answer(opened, looked())
    qtbot.waitUntil(lambda: opened.assembly.studio.session.data == str(new))
    session = opened.assembly.studio.session
    assert session.original is not None
    assert session.original.variant.data == str(new)
    assert "new.npz has taken its place again" in [item.title for item in opened.notices]
    qtbot.waitUntil(lambda: not opened.assembly.offer.isVisible())


def test_other_data_is_told_apart_and_may_be_used_as_new(
    opened, qtbot, tmp_path, places, monkeypatch
):
    model, old, new = places
    open_other(opened, tmp_path, model, old)
    choose(monkeypatch, new)
    find(opened, qtbot, "File…")
    answer(opened, looked("other", train=901))
    qtbot.waitUntil(lambda: bool(opened.notices))
    assert "train has 901 samples instead of 900" in opened.notices[-1].detail
    assert opened.assembly.studio.session.data == str(old)
    assert opened.assembly.offer.isVisible()
    opened.window.show_notices()
    buttons = opened.assembly.notices.findChildren(QPushButton)
    (way,) = [item for item in buttons if item.text() == "Use it as new data"]
    qtbot.mouseClick(way, Qt.MouseButton.LeftButton)
    assert opened.assembly.studio.session.data == str(new)
    qtbot.waitUntil(lambda: not opened.assembly.offer.isVisible())


def test_a_model_that_is_found_again_keeps_its_variants(
    opened, qtbot, tmp_path, places, monkeypatch
):
    model, _, data = places
    gone = tmp_path / "gone.onnx"
    open_other(opened, tmp_path, gone, data)
    qtbot.waitUntil(opened.assembly.offer.isVisible)
    choose(monkeypatch, model)
    qtbot.mouseClick(offered(opened), Qt.MouseButton.LeftButton)
    job = opened.engines.last(InspectJob)
    assert (job.network, job.data) == (str(model), None)
    answer(opened, looked())
    qtbot.waitUntil(lambda: opened.assembly.studio.session.network == str(model))
    assert opened.assembly.studio.session.original is not None


def test_another_model_is_offered_to_be_opened_beside(opened, qtbot, tmp_path, places, monkeypatch):
    model, _, data = places
    open_other(opened, tmp_path, tmp_path / "gone.onnx", data)
    qtbot.waitUntil(opened.assembly.offer.isVisible)
    choose(monkeypatch, model)
    qtbot.mouseClick(offered(opened), Qt.MouseButton.LeftButton)
    answer(opened, looked("other"))
    qtbot.waitUntil(lambda: bool(opened.notices))
    way = opened.notices[-1].way
    assert way is not None
    assert way.network == str(model)


def test_what_is_there_or_was_just_named_is_not_looked_for(opened, qtbot, tmp_path, places):
    model, _, new = places
    open_other(opened, tmp_path, model, new)
    assert opened.assembly.studio.session.lost == ()
    opened.assembly.studio.attach_data(str(tmp_path / "never.npz"))
    assert opened.assembly.studio.session.lost == ()  # its own error says what is wrong


@pytest.mark.parametrize("kind", ["model.onnx", "work.tinystudio"])
def test_a_recent_entry_that_is_gone_is_looked_for(
    opened, qtbot, tmp_path, places, monkeypatch, kind
):
    gone, (model, *_) = tmp_path / "away" / kind, places
    remembered = opened.assembly.remembered
    remembered.change(remembered.settings.with_network(str(gone)).with_project(gone))
    opened.window.recent_chosen.emit(str(gone))
    assert not gone.exists()  # no empty project was made in its place
    assert opened.notices[-1].title == f"{kind} was not found"
    found = model if kind.endswith("onnx") else tmp_path / "found.tinystudio"
    if found.suffix == ".tinystudio":
        open_project(found).close()
    choose(monkeypatch, found)
    opened.window.show_notices()
    buttons = opened.assembly.notices.findChildren(QPushButton)
    (way,) = [item for item in buttons if item.text() == "Find it…"]
    qtbot.mouseClick(way, Qt.MouseButton.LeftButton)
    session = opened.assembly.studio.session
    assert str(found) in (session.network, str(session.project.folder))
    assert str(gone) not in remembered.recent
