"""Ctrl+C: a training ends where its state is kept, and the user is told how to go on."""

from __future__ import annotations

import json
import shlex
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from tinystudio.cli.console import Console
from tinystudio.jobs.recipe import Step
from tinystudio.session.runs import Run
from tinystudio.session.stopped import stopped_in


class Interrupted(KeyboardInterrupt):
    """The user ended the work; the text says how to go on."""


@contextmanager
def stoppable(stop: Callable[[], None], trains: Callable[[], bool], say: Console) -> Iterator[None]:
    """Let a first Ctrl+C `stop` the work while it `trains`; a second ends it at once."""

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        if not trains():
            raise KeyboardInterrupt
        say.note("Stopping the training; Ctrl+C again stops at once.")
        stop()

    before = signal.getsignal(signal.SIGINT)
    # Only the main thread hears signals; whoever started this may want them unheard.
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def how_to_go_on(run: Run) -> str:
    """Return what can be done about a run that was cancelled."""
    stopped = stopped_in(run)
    if stopped is None:
        return "Stopped. What was finished is kept."
    return (
        f"Stopped at {stopped.words}. The same command goes on from there. To write what it had "
        f"learnt by then, add stop_after={json.dumps(stopped.step.stop_after)} to the step: "
        f"--step {stopped.step.technique} {_settings(stopped.step)}"
    )


def _settings(step: Step) -> str:
    """Return those settings of a step that are not usual, as words of a command line."""
    usual = type(step.params)().model_dump()
    return shlex.join(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in step.params.model_dump().items()
        if value != usual[name]
    )
