"""A shared project is one file that names no folder, and opens with all that was measured."""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from pathlib import Path

import pytest
from session_events import AT, SMALL, finished, job, ready, started, variant

from tinystudio.core.errors import UserError
from tinystudio.core.files import sha256
from tinystudio.jobs.events import Failed
from tinystudio.jobs.recipe import Recipe
from tinystudio.jobs.variant import Artifact, variant_id
from tinystudio.session.marks import Mark
from tinystudio.session.moving import lost_in
from tinystudio.session.project import open_project
from tinystudio.session.records import Marked, ProjectState
from tinystudio.session.runs import Runs
from tinystudio.session.scrubbing import without_paths
from tinystudio.session.sharing import is_shared_project, open_shared, share_project

MODEL = b"the bytes of a model"


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A project on a model and data in a private folder, as one file; the folder is gone."""
    private = tmp_path / "secret person" / "models"
    private.mkdir(parents=True)
    network, data = str(private / "net.onnx"), str(private / "data.npz")
    project = open_project(tmp_path / "mine")
    with project:
        name = f"{sha256(MODEL)}.onnx"
        (project.artifacts / name).write_bytes(MODEL)
        (project.artifacts / ".half.onnx").write_bytes(b"being written")
        made = []
        for recipe in (Recipe(), SMALL):
            id = variant_id(network, data, 0, recipe, "validation")
            artifact = Artifact(path=str(project.artifacts / name), sha256="0", size_bytes=20)
            changed = {"network": network, "data": data, "id": id, "artifact": artifact}
            made.append(variant(recipe).model_copy(update=changed))
        what = job("job", "validation", SMALL).model_copy(update={"network": network, "data": data})
        broken = what.model_copy(update={"id": "broken"})
        failed = Failed(
            job="broken", title="It failed", detail=f"{private / 'other.bin'} is odd", hint="",
            at=AT, traceback=f"File {private}/x.py",
        )  # fmt: skip
        project.write(
            [started(what), *map(ready, made), finished(), started(broken), failed,
             Marked(made[1].id, Mark(name="mine", kept=True)),
             ProjectState(network=network, data=data, selected=made[1].id, baseline=made[1].id)]
        )  # fmt: skip
        share_project(project, tmp_path / "mine.tinystudio.zip")
    shutil.rmtree(tmp_path / "secret person")
    return tmp_path / "mine.tinystudio.zip"


def test_nothing_in_it_tells_of_folders(shared: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shared) as packed:
        names, content = packed.namelist(), b"".join(map(packed.read, packed.namelist()))
    assert sorted(names) == [f"artifacts/{sha256(MODEL)}.onnx", "project.sqlite", "shared.json"]
    for word in ("secret person", str(tmp_path), str(Path.home()) + "/"):
        assert word.encode() not in content


def test_it_opens_elsewhere_with_everything_and_its_model(shared: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / shared.name
    elsewhere.parent.mkdir()
    shutil.move(shared, elsewhere)
    folder = open_shared(elsewhere)
    assert folder == elsewhere.parent / "mine.tinystudio"
    with open_project(folder) as project:
        memory = project.memory()
        state = memory.state
        assert state.network == str(folder / "models" / "net.onnx")
        assert Path(state.network).read_bytes() == MODEL
        assert [(it.kind, it.reference) for it in lost_in(state)] == [("data", "data.npz")]
        runs = Runs(memory.events)
        ids = [item.id for item in runs["job"].variants]
        assert ids[1] == variant_id(state.network, "data.npz", 0, SMALL, "validation")
        assert [(mark.variant, mark.mark.name) for mark in memory.marks] == [(ids[1], "mine")]
        assert (state.selected, state.baseline) == (ids[1], ids[1])
    assert open_shared(elsewhere).name == "mine 2.tinystudio"  # the first is not written over


def test_a_file_that_reaches_out_of_its_folder_puts_nothing_there(
    shared: Path, tmp_path: Path
) -> None:
    evil = tmp_path / "evil.zip"
    shutil.copy(shared, evil)
    with zipfile.ZipFile(evil, "a") as packed:
        packed.writestr("../outside.txt", "x")
        packed.writestr("artifacts/../../outside.txt", "x")
        packed.writestr("artifacts/a/b.onnx", "x")
    folder = open_shared(evil)
    assert not list(tmp_path.rglob("outside.txt"))
    assert {file.name for file in (folder / "artifacts").iterdir()} == {f"{sha256(MODEL)}.onnx"}


@pytest.mark.parametrize("note", ['{"format": 2, "models": {}}', "[]", "nonsense",
                                  '{"format": 1, "models": {"../x": "a"}}'])  # fmt: skip
def test_a_note_that_is_not_sound_is_refused(shared: Path, tmp_path: Path, note: str) -> None:
    odd = tmp_path / "odd.zip"
    with zipfile.ZipFile(shared) as source, zipfile.ZipFile(odd, "w") as target:
        target.writestr("shared.json", note)
        target.writestr("project.sqlite", source.read("project.sqlite"))
    assert is_shared_project(odd)
    with pytest.raises(UserError):
        open_shared(odd)
    assert not (tmp_path / "odd.tinystudio").exists()


def test_the_project_that_was_shared_stays_as_it_was(shared: Path, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "mine.tinystudio" / "project.sqlite")
    (body,) = database.execute("SELECT body FROM state").fetchone()
    database.close()
    assert "secret person" in body


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("read /srv/people/ann/x.onnx: no", "read (path).onnx: no"),
        (r"read C:\Users\ann\x.csv", "read (path).csv"),
        ("/srv/My Secrets/big model/x.onnx is odd", "(path).onnx is odd"),
        ("it's at '/home/my.own/a b/c'", "it's at '(path)'"),
        ("3 of 4 and/or 1/2, 90 % ± 2", "3 of 4 and/or 1/2, 90 % ± 2"),
    ],
)
def test_paths_are_taken_out_of_sentences(text: str, plain: str) -> None:
    assert without_paths(text) == plain
