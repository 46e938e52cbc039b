"""Progress, time left, and the ear for stop."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.errors import Cancelled
from tinystudio.engine.reporting import JobReporter
from tinystudio.jobs.events import Event, Progressed


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), max_size=20))
def test_progress_stays_between_nothing_and_all_and_never_goes_back(
    steps: list[tuple[float, float]],
) -> None:
    said: list[Event] = []
    reporter = JobReporter("job", said.append, threading.Event())
    for index, (done, total) in enumerate(steps):
        reporter.progress(done, total, str(index))
    fractions = [event.fraction for event in said if isinstance(event, Progressed)]
    assert len(fractions) == len(steps)
    assert fractions == sorted(fractions)
    assert all(0 <= fraction <= 1 for fraction in fractions)


def test_a_flood_of_progress_becomes_a_trickle_of_events() -> None:
    said: list[Event] = []
    reporter = JobReporter("job", said.append, threading.Event())
    for index in range(10_000):
        reporter.progress(index, 10_000, "same words")
    assert len(said) < 100


def test_asked_to_stop_the_next_check_stops() -> None:
    stop = threading.Event()
    reporter = JobReporter("job", lambda event: None, stop)
    reporter.check()
    stop.set()
    with pytest.raises(Cancelled):
        reporter.check()
