"""When the window explores by itself, and how it gives way."""

from __future__ import annotations

from idle_workers import AT, begun, ended, pruned
from PySide6.QtWidgets import QLabel

from tinystudio.jobs.events import Cancelled, Failed, Progressed
from tinystudio.jobs.job import ExploreJob, VariantsJob
from tinystudio.session.front import Limits


def explorations(opened) -> list[ExploreJob]:
    return [job for job in opened.engines.jobs if isinstance(job, ExploreJob)]


def open_watch(opened, qtbot) -> ExploreJob:
    opened.assembly.studio.open_network("gallery:watch")
    opened.engines.come_up()
    opened.engines.finish_opening()
    qtbot.waitUntil(lambda: len(explorations(opened)) == 1)
    job = explorations(opened)[-1]
    opened.engines.arrived.emit([begun(job)])
    return job


def test_an_opened_model_is_explored_once_the_original_is_measured(opened, qtbot):
    opened.assembly.studio.open_network("gallery:watch")
    qtbot.waitUntil(lambda: bool(opened.assembly.studio.session.runs.open))
    assert explorations(opened) == []
    job = open_watch_again(opened, qtbot)
    assert (job.network, job.data) == ("gallery:watch", "gallery:watch")


def open_watch_again(opened, qtbot) -> ExploreJob:
    opened.engines.come_up()
    opened.engines.finish_opening()
    qtbot.waitUntil(lambda: len(explorations(opened)) == 1)
    return explorations(opened)[-1]


def test_a_model_without_data_is_not_explored(opened, qtbot):
    opened.assembly.studio.open_network("/models/mine.onnx")
    with qtbot.waitSignal(opened.assembly.studio.runs_changed):
        opened.engines.come_up()
    assert explorations(opened) == []


def test_exploring_gives_way_to_a_measurement_and_goes_on_after_it(opened, qtbot):
    job = open_watch(opened, qtbot)
    studio = opened.assembly.studio
    studio.edit_recipe(pruned(0.5))
    studio.measure()
    qtbot.waitUntil(lambda: opened.engines.cancelled == [job.id])
    opened.engines.arrived.emit([Cancelled(job=job.id, at=AT)])
    measuring = opened.engines.last(VariantsJob)
    with qtbot.waitSignal(studio.runs_changed):
        opened.engines.say(begun(measuring))
    assert len(explorations(opened)) == 1
    opened.engines.say(ended(measuring))
    qtbot.waitUntil(lambda: len(explorations(opened)) == 2)
    assert opened.engines.cancelled == [job.id]


def test_what_the_user_has_cancelled_is_not_explored_again_by_itself(opened, qtbot):
    job = open_watch(opened, qtbot)
    studio = opened.assembly.studio
    opened.assembly.commands.jobs.cancel(job.id)
    with qtbot.waitSignal(studio.runs_changed):
        opened.engines.arrived.emit([Cancelled(job=job.id, at=AT)])
    assert explorations(opened) == [job]
    qtbot.waitUntil(lambda: "no layer database" in opened.assembly.compression._reason.text())
    studio.open_network("gallery:watch")
    qtbot.waitUntil(lambda: len(explorations(opened)) == 2)


def test_what_failed_is_told_once_and_not_tried_again(opened, qtbot):
    job = open_watch(opened, qtbot)
    failed = Failed(job=job.id, title="Not explored", detail="No memory.", hint="Free some.", at=AT)
    opened.engines.arrived.emit([failed])
    qtbot.waitUntil(lambda: bool(opened.notices))
    assert [notice.title for notice in opened.notices] == ["Not explored"]
    assert explorations(opened) == [job]


def test_while_the_database_is_built_the_dial_says_how_long_it_takes(opened, qtbot):
    job = open_watch(opened, qtbot)
    said = Progressed(job=job.id, fraction=0.4, text="Trying every level", seconds_left=12.0)
    opened.engines.arrived.emit([said])
    panel = opened.assembly.compression
    qtbot.waitUntil(lambda: "12 s left" in panel._reason.text())
    assert not panel._dial.isEnabled()


def test_of_several_explorations_of_a_model_the_list_shows_the_newest(opened, qtbot):
    job = open_watch(opened, qtbot)
    studio = opened.assembly.studio
    opened.assembly.commands.jobs.cancel(job.id)
    with qtbot.waitSignal(studio.runs_changed):
        opened.engines.arrived.emit([Cancelled(job=job.id, at=AT)])
    opened.assembly.commands.jobs.retry(job.id)

    def shown() -> int:
        texts = [label.text() for label in opened.assembly.jobs.findChildren(QLabel)]
        return sum(text.startswith("Explore") for text in texts)

    qtbot.waitUntil(lambda: len(explorations(opened)) == 2)
    qtbot.waitUntil(lambda: shown() == 1)


def test_a_search_keeps_to_the_limits_that_are_drawn_and_says_so(opened, qtbot):
    job = open_watch(opened, qtbot)
    opened.engines.say(ended(job))
    studio = opened.assembly.studio
    studio.session.set_limits(Limits(size_bytes=36_000.0))
    opened.assembly.actions["search"].trigger()
    qtbot.waitUntil(lambda: len(explorations(opened)) == 2)
    search = explorations(opened)[-1]
    assert (search.within_bytes, search.within_ms) == (36_000.0, None)
    assert search.title == "Search within 36.0 kB"
    assert job.within_bytes is None
