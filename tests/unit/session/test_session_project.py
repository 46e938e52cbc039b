"""The project folder: durable, one writer, opened again."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from session_events import ORIGINAL, SMALL, finished, job, ready, started, variant, whole_run

from tinystudio.core.errors import UserError
from tinystudio.jobs.events import PreviewReady, Progressed
from tinystudio.session.front import Limits
from tinystudio.session.marks import Mark
from tinystudio.session.project import open_project, open_scratch_project, with_suffix
from tinystudio.session.records import Marked, ProjectState
from tinystudio.session.runs import Runs, RunState
from tinystudio.session.store import FORMAT, MIGRATIONS, Store


def test_a_project_opened_again_shows_everything_measured_so_far(tmp_path: Path) -> None:
    state = ProjectState(network="n", data="d", recipe=SMALL, seed=3, limits=Limits(score=0.5))
    with open_project(tmp_path / "p") as project:
        project.write(whole_run())
        project.write([Marked("v", Mark(kept=True)), Marked("v", Mark(starred=True)), state])
    with open_project(tmp_path / "p") as project:
        memory = project.memory()
    run = Runs(memory.events)["job"]
    assert run.state is RunState.FINISHED
    assert [item.recipe for item in run.variants] == [ORIGINAL, SMALL]
    assert memory.marks == (Marked("v", Mark(starred=True)),)
    assert memory.state == state


def test_a_run_open_at_the_crash_is_interrupted_and_keeps_what_was_finished(tmp_path: Path) -> None:
    with open_project(tmp_path / "p") as project:
        project.write([started(job()), ready(variant())])
    with open_project(tmp_path / "p") as project:
        run = Runs(project.memory().events)["job"]
    assert run.state is RunState.INTERRUPTED
    assert len(run.variants) == 1


def test_progress_and_previews_are_not_stored(tmp_path: Path) -> None:
    preview = PreviewReady(job="p", number=1, recipe=SMALL, measurement=variant().measurement)
    with open_project(tmp_path / "p") as project:
        project.write([started(job()), Progressed(job="job", fraction=0.1, text=""), preview])
        assert [event.kind for event in project.memory().events] == ["started"]


def test_a_second_opener_reads_and_is_told_who_writes(tmp_path: Path) -> None:
    with open_project(tmp_path / "p") as first:
        first.write(whole_run())
        with open_project(tmp_path / "p") as second:
            assert second.is_read_only
            assert str(os.getpid()) in second.read_only_reason
            assert len(Runs(second.memory().events)) == 1
            second.write([started(job("other"))])
            assert len(first.memory().events) == len(second.memory().events)
    with open_project(tmp_path / "p") as third:
        assert not third.is_read_only


def test_a_second_writing_command_fails_and_says_who_holds_it(tmp_path: Path) -> None:
    with open_project(tmp_path / "p"), pytest.raises(UserError) as caught:
        open_project(tmp_path / "p", must_write=True)
    assert f"process {os.getpid()}" in caught.value.detail


def test_the_lock_is_free_once_its_holder_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path;"
        "from tinystudio.session.writer import Writer;"
        "w = Writer(Path(sys.argv[1]), 'other'); print(w.claim(), flush=True); time.sleep(60)"
    )
    open_project(tmp_path / "p").close()
    folder = with_suffix(tmp_path / "p")
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "None\n"
        with open_project(folder) as second:
            assert f"other (process {other.pid}" in second.read_only_reason
        other.kill()
        other.wait()
        with open_project(folder) as third:
            assert not third.is_read_only


def test_a_project_of_a_newer_format_opens_read_only_with_a_word(tmp_path: Path) -> None:
    with open_project(tmp_path / "p") as project:
        project.write(whole_run())
        folder = project.folder
    database = sqlite3.connect(folder / "project.sqlite")
    database.execute(f"PRAGMA user_version = {FORMAT + 1}")
    database.execute(
        "INSERT INTO events (job, kind, body) VALUES ('x', 'new', '{\"kind\":\"new\"}')"
    )
    database.commit()
    database.close()
    with open_project(folder) as project:
        assert "newer" in project.read_only_reason
        assert len(Runs(project.memory().events)["job"].variants) == 2
    with pytest.raises(UserError, match="newer"):
        open_project(folder, must_write=True)


def test_every_older_format_is_brought_up_to_date(tmp_path: Path) -> None:
    for version in range(len(MIGRATIONS) + 1):
        path = tmp_path / f"{version}.sqlite"
        database = sqlite3.connect(path)
        for script in MIGRATIONS[:version]:
            database.executescript(script)
        database.execute(f"PRAGMA user_version = {version}")
        database.close()
        store = Store(path)
        store.write(whole_run())
        assert store.format == FORMAT
        assert len(store.read().events) == 4
        store.close()


def test_the_database_can_be_asked_for_variants_in_sql(tmp_path: Path) -> None:
    with open_project(tmp_path / "p") as project:
        project.write(whole_run())
        database = sqlite3.connect(project.folder / "project.sqlite")
        rows = database.execute("SELECT score, split, size_bytes FROM variants").fetchall()
        database.close()
    assert rows == [(0.95, "validation", 100), (0.9, "validation", 100)]


def test_a_project_that_was_moved_finds_its_files(tmp_path: Path) -> None:
    with open_project(tmp_path / "p") as project:
        project.write(whole_run())
        (project.artifacts / f"{SMALL.fingerprint}.onnx").write_bytes(b"net")
        folder = project.folder
    moved = folder.rename(tmp_path / "moved.tinystudio")
    with open_project(moved) as project:
        original, small = Runs(project.memory().events)["job"].variants
        assert project.artifact(original) is None
        assert project.artifact(small) == moved / "artifacts" / f"{SMALL.fingerprint}.onnx"


def test_cleaning_up_keeps_the_files_of_kept_variants(tmp_path: Path) -> None:
    with open_project(tmp_path / "p") as project:
        for recipe in (ORIGINAL, SMALL):
            (project.artifacts / f"{recipe.fingerprint}.onnx").write_bytes(bytes(1000))
        before = project.disk_use()
        assert project.clean_up([variant(SMALL)]) == 1000
        assert project.disk_use() == before - 1000
        assert project.artifact(variant(SMALL)) is not None
        assert project.artifact(variant(ORIGINAL)) is None


def test_a_copy_holds_everything_and_the_project_stays_open(tmp_path: Path) -> None:
    with open_project(tmp_path / "p") as project:
        project.write(whole_run())
        copy = project.copy_to(tmp_path / "copy")
        project.write([started(job("later"))])
        with pytest.raises(UserError, match="already"):
            project.copy_to(tmp_path / "copy")
    with open_project(copy) as project:
        assert [run.id for run in Runs(project.memory().events)] == ["job"]


def test_a_folder_with_other_files_is_not_made_a_project(tmp_path: Path) -> None:
    folder = with_suffix(tmp_path / "p")
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match="other files"):
        open_project(folder)
    assert [item.name for item in folder.iterdir()] == ["thesis.txt"]


def test_a_file_that_is_no_database_is_refused_in_words_and_left_alone(tmp_path: Path) -> None:
    folder = with_suffix(tmp_path / "p")
    folder.mkdir()
    (folder / "project.sqlite").write_bytes(b"no database at all, but long enough" * 100)
    with pytest.raises(UserError, match="not read"):
        open_project(folder)
    assert (folder / "project.sqlite").read_bytes().startswith(b"no database")


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="was not"):
        open_project(tmp_path / "file" / "p")


def test_a_full_disk_is_said_and_what_was_stored_stays_whole(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    store.write(whole_run())
    pages = store._ask("PRAGMA page_count")[0][0]
    store._ask(f"PRAGMA max_page_count = {pages}")  # SQLite's own way to be out of space
    many = [started(job(f"job{number}", "validation", *[SMALL] * 20)) for number in range(500)]
    with pytest.raises(UserError, match="full"):
        store.write(many)
    assert len(store.read().events) == 4
    store._ask("PRAGMA max_page_count = 100000")
    store.write([finished("x")])
    assert len(store.read().events) == 5
    store.close()


def test_windows_without_a_project_get_scratch_projects_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinystudio.core.places.data", lambda: tmp_path)
    with open_scratch_project() as first, open_scratch_project() as second:
        assert first.folder != second.folder
        assert not second.is_read_only


def test_when_the_lock_cannot_be_written_nothing_stays_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_project(tmp_path / "p").close()

    def full(path: Path, data: bytes) -> None:
        raise UserError("not written", os.strerror(errno.ENOSPC), "free some space")

    with monkeypatch.context() as patch:
        patch.setattr("tinystudio.session.writer.write_whole", full)
        with pytest.raises(UserError, match="not written"):
            open_project(tmp_path / "p")
    with open_project(tmp_path / "p") as project:
        assert not project.is_read_only
        card = json.loads((project.folder / "writer.json").read_text())
        assert card["pid"] == os.getpid()


def test_cleaning_up_leaves_alone_what_an_engine_is_writing(tmp_path: Path) -> None:
    with open_project(tmp_path / "p") as project:
        (project.artifacts / "made-before.onnx").write_bytes(b"old")
        (project.artifacts / ".half-way.onnx.x1").write_bytes(b"new")
        assert project.clean_up(()) == 3
        assert [file.name for file in project.artifacts.iterdir()] == [".half-way.onnx.x1"]


@pytest.mark.parametrize("place", [".", "sub/.."])
def test_a_project_may_be_named_by_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "here" / "sub").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert with_suffix(Path(place)).absolute() == tmp_path / "here.tinystudio"


def damage(folder: Path, *statements: str) -> None:
    """Write into a closed project's database what the program never would."""
    database = sqlite3.connect(folder / "project.sqlite")
    with database:
        for statement in statements:
            database.execute(statement)
    database.close()


@pytest.mark.parametrize("body", ["'{\"network\": 3'", "'[]'", "NULL", "x'ff00'"])
def test_a_state_and_marks_that_are_damaged_leave_the_rest_readable(
    tmp_path: Path, body: str
) -> None:
    with open_project(tmp_path / "p") as project:
        folder = project.folder
        project.write([*whole_run(), Marked("v", Mark(kept=True)), ProjectState(network="n")])
    damage(
        folder,
        "PRAGMA ignore_check_constraints = ON",
        "CREATE TABLE other AS SELECT * FROM state", "DROP TABLE state",
        "ALTER TABLE other RENAME TO state", f"UPDATE state SET body = {body}",
        "UPDATE marks SET body = '{\"kept\"zt'",
    )  # fmt: skip
    with open_project(tmp_path / "p") as project:
        memory = project.memory()
    assert memory.events and not memory.marks
    assert memory.state == ProjectState()


def test_a_version_that_no_program_wrote_is_refused_by_name(tmp_path: Path) -> None:
    with open_project(tmp_path / "p") as project:
        folder = project.folder
    damage(folder, "PRAGMA user_version = -3")
    with pytest.raises(UserError) as caught:
        open_project(tmp_path / "p")
    assert "The project p.tinystudio" in caught.value.title
    assert "version" in caught.value.detail
