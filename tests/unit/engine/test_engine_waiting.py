"""Which job is next."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tinystudio.engine.waiting import PATIENCE_S, Waiting, patience_s
from tinystudio.jobs.job import InspectJob, Job, PreviewJob
from tinystudio.jobs.recipe import Recipe


def preview(number: int) -> PreviewJob:
    return PreviewJob(network="n", data="d", recipe=Recipe(), number=number)


def everything(waiting: Waiting, count: int) -> tuple[list[Job], list[Job]]:
    """Return the jobs that are carried out, and those that are dropped."""
    taken = [waiting.next() for _ in range(count)]
    known = [item for item in taken if item is not None]
    return [job for job, wanted in known if wanted], [job for job, wanted in known if not wanted]


@given(st.lists(st.booleans(), max_size=20))
def test_of_waiting_previews_the_newest_wins_and_no_job_is_lost(are_previews: list[bool]) -> None:
    jobs: list[Job] = [
        preview(number) if is_preview else InspectJob(network=str(number))
        for number, is_preview in enumerate(are_previews)
    ]
    waiting = Waiting()
    for job in jobs:
        waiting.add(job)
    wanted, dropped = everything(waiting, len(jobs))
    newest = [job for job in jobs if isinstance(job, PreviewJob)][-1:]
    others = [job for job in jobs if isinstance(job, InspectJob)]
    assert [job for job in wanted if isinstance(job, PreviewJob)] == newest
    assert [job for job in wanted if isinstance(job, InspectJob)] == others
    assert {job.id for job in wanted} | {job.id for job in dropped} == {job.id for job in jobs}


def test_a_job_that_is_taken_out_is_handed_over_as_dropped() -> None:
    waiting = Waiting()
    job = InspectJob(network="n")
    waiting.add(job)
    assert waiting.drop(job.id)
    assert not waiting.drop(job.id)
    assert waiting.next() == (job, False)


def test_once_closed_there_is_nothing_next() -> None:
    waiting = Waiting()
    waiting.add(InspectJob(network="n"))
    waiting.close()
    assert waiting.next() is None


def test_a_preview_that_soon_ends_is_let_finish_and_one_that_does_not_is_stopped() -> None:
    assert patience_s(elapsed_s=0.1, usual_s=0.2) == PATIENCE_S
    assert patience_s(elapsed_s=0.1, usual_s=2.0) == 0
    assert patience_s(elapsed_s=1.9, usual_s=2.0) == PATIENCE_S
    assert patience_s(elapsed_s=0.1, usual_s=None) == PATIENCE_S
