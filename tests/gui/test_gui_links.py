"""The window's ends of engine processes and of the project's store."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tinystudio.core.errors import UserError
from tinystudio.gui.links.engine_link import EngineLink
from tinystudio.gui.links.store_link import StoreThread
from tinystudio.jobs.events import Event, Finished, Interrupted, Progressed, Started
from tinystudio.jobs.job import InspectJob, Job
from tinystudio.session.project import open_project
from tinystudio.session.records import Record


class Echo:
    """A runner that finishes every job at once, and says on which thread it was asked."""

    def __init__(self) -> None:
        self._said: list[Event] = []
        self._changed = threading.Condition()
        self.readers: set[int] = set()
        self.cancelled: list[str] = []
        self.is_closed = False

    def send(self, job: Job) -> None:
        with self._changed:
            self._said += [Started(job=job.id, what=job, at=""), Finished(job=job.id, at="")]
            self._changed.notify()

    def cancel(self, job: str, pause: bool = False) -> None:
        self.cancelled.append(job)

    def events(self, timeout: float) -> tuple[Event, ...]:
        self.readers.add(threading.get_ident())
        with self._changed:
            self._changed.wait_for(lambda: self._said, timeout)
            said, self._said = tuple(self._said), []
            return said

    def close(self) -> None:
        self.is_closed = True
        self._said.append(Interrupted(job="open", reason="closed", at=""))


def test_events_reach_the_window_in_order_and_are_read_on_another_thread(qtbot: QtBot) -> None:
    engine, heard = Echo(), list[Event]()
    link = EngineLink(engine)
    link.events_arrived.connect(heard.extend)
    link.start()
    job = InspectJob(network="n")
    link.send(job)
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert [event.kind for event in heard] == ["started", "finished"]
    assert threading.get_ident() not in engine.readers
    link.cancel(job.id)
    assert engine.cancelled == [job.id]
    link.stop()
    assert engine.is_closed


def test_when_the_link_stops_the_last_words_of_the_engine_still_arrive(qtbot: QtBot) -> None:
    heard: list[Event] = []
    link = EngineLink(Echo())
    link.events_arrived.connect(heard.extend)
    link.start()
    link.stop()
    qtbot.waitUntil(lambda: bool(heard))
    assert heard[-1].kind == "interrupted"
    assert link.isFinished()


def some_events(id: str = "job") -> list[Event]:
    return [Started(job=id, what=InspectJob(id=id, network="n"), at=""), Finished(job=id, at="")]


def test_what_the_window_is_told_is_on_disk_already(qtbot: QtBot, tmp_path: Path) -> None:
    with open_project(tmp_path / "p") as project:
        stored: list[int] = []
        thread = StoreThread(project.write, project.copy_to)
        thread.committed.connect(lambda events: stored.append(len(project.memory().events)))
        thread.start()
        thread.take_events(some_events())
        qtbot.waitUntil(lambda: stored == [2])
        thread.stop()


def no_copy(folder: Path) -> Path:
    raise AssertionError(f"nobody asked for a copy in {folder}")


def test_a_copy_holds_all_that_was_said_before_and_is_made_off_the_windows_thread(
    qtbot: QtBot, tmp_path: Path
) -> None:
    threads: list[int] = []
    with open_project(tmp_path / "p.tinystudio") as project:

        def copy(folder: Path) -> Path:
            threads.append(threading.get_ident())
            return project.copy_to(folder)

        thread = StoreThread(project.write, copy)
        thread.start()
        thread.take_events(some_events("job"))
        with qtbot.waitSignal(thread.copied) as copied:
            thread.copy_to(tmp_path / "copy")
        thread.stop()
    assert threads != [threading.get_ident()]
    assert copied.args == [tmp_path / "copy.tinystudio"]
    with open_project(copied.args[0]) as again:
        assert [getattr(event, "job", "") for event in again.memory().events] == ["job", "job"]


def test_a_copy_that_cannot_be_made_is_told_and_work_goes_on(qtbot: QtBot) -> None:
    def refuse(folder: Path) -> Path:
        raise UserError("not copied", f"There is already something at {folder}.", "Rename it.")

    written: list[Record] = []
    thread = StoreThread(written.extend, refuse)
    thread.start()
    with qtbot.waitSignal(thread.copy_failed) as failed:
        thread.copy_to(Path("there"))
    thread.save(some_events("after"))
    thread.stop()
    assert failed.args[0].title == "not copied"
    assert len(written) == 2


def test_progress_passes_through_without_being_written(qtbot: QtBot) -> None:
    written: list[Record] = []
    heard: list[Event] = []
    thread = StoreThread(written.extend, no_copy)
    thread.committed.connect(heard.extend)
    thread.start()
    thread.take_events([Progressed(job="job", fraction=0.5, text="half")])
    qtbot.waitUntil(lambda: len(heard) == 1)
    thread.stop()
    assert written == []


def test_what_was_saved_last_is_written_before_the_thread_ends(tmp_path: Path) -> None:
    written: list[Record] = []
    thread = StoreThread(written.extend, no_copy)
    thread.start()
    for number in range(50):
        thread.save(some_events(str(number)))
    thread.stop()
    assert len(written) == 100


def test_on_a_full_disk_work_goes_on_and_what_was_not_written_is_written_later(
    qtbot: QtBot,
) -> None:
    written: list[Record] = []
    is_full = threading.Event()
    is_full.set()

    def write(records: Sequence[Record]) -> None:
        if is_full.is_set():
            raise UserError("not written", "The disk is full.", "Free some space.")
        written.extend(records)

    heard: list[Event] = []
    troubles: list[UserError] = []
    recoveries: list[bool] = []
    thread = StoreThread(write, no_copy)
    thread.committed.connect(heard.extend)
    thread.write_failed.connect(troubles.append)
    thread.write_recovered.connect(lambda: recoveries.append(True))
    thread.start()
    thread.take_events(some_events("first"))
    qtbot.waitUntil(lambda: len(heard) == 2)
    thread.take_events(some_events("second"))
    qtbot.waitUntil(lambda: len(heard) == 4)
    assert len(troubles) == 1
    is_full.clear()
    thread.take_events(some_events("third"))
    qtbot.waitUntil(lambda: bool(recoveries))
    thread.stop()
    assert [getattr(event, "job", "") for event in written] == [
        "first", "first", "second", "second", "third", "third",
    ]  # fmt: skip


@pytest.mark.parametrize("count", [0, 1])
def test_a_link_that_was_never_used_stops_cleanly(count: int) -> None:
    link = EngineLink(Echo())
    for _ in range(count):
        link.start()
    link.stop()
    assert not link.isRunning()


def test_what_need_not_be_written_is_prepared_on_the_thread_and_told_in_its_turn(
    qtbot: QtBot,
) -> None:
    written: list[Record] = []
    told: list[Event] = []
    prepared: list[tuple[str, int]] = []

    def prepare(event: Event) -> None:
        prepared.append((event.kind, threading.get_ident()))

    def copy(folder: Path) -> Path:
        return folder

    store = StoreThread(written.extend, copy, None, prepare)
    store.committed.connect(told.extend)
    store.pass_on(some_events())
    store.start()
    qtbot.waitUntil(lambda: len(told) == 2)
    store.stop()
    assert written == []
    assert [kind for kind, _ in prepared] == ["started", "finished"]
    assert threading.get_ident() not in {thread for _, thread in prepared}
