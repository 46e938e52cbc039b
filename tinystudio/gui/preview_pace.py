"""When to ask the engine what the recipe is worth: while it moves, and wider once it rests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from tinystudio.gui.pacer import Pacer
from tinystudio.jobs.job import PreviewJob
from tinystudio.session.session import Session

MOVING_MS = 25  # a drag asks at most forty times a second; the engine drops what is overtaken
REST_MS = 400  # after the last answer: then all validation samples are worth their time

Ask = Callable[[Callable[[], object]], object]


class PreviewPace(QObject):
    """Asks through `attempt`, which tells the user what cannot be done."""

    def __init__(
        self, session: Callable[[], Session | None], attempt: Ask, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._attempt = session, attempt
        self._moving, self._rest = Pacer(MOVING_MS, self), QTimer(self)
        self._warmed = ""  # the state of the database that the engine was made ready for
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._moving.timeout.connect(self._ask)
        self._rest.timeout.connect(self._widen)

    @property
    def is_waiting(self) -> bool:
        """Say whether a change of the recipe has not been asked about yet."""
        return self._moving.isActive()

    def stop(self) -> None:
        """Ask nothing more."""
        self._moving.stop()
        self._rest.stop()

    def want(self) -> None:
        """The recipe has changed."""
        self._rest.stop()
        self._moving.want()

    def answered(self) -> None:
        """A preview has come."""
        self._rest.start()

    def database_changed(self) -> None:
        """Let the engine make ready for the front, while there is no recipe to be disturbed."""
        session = self._session()
        if session is None or session.recipe.steps or session.exploration.database is None:
            return
        path, front = session.exploration.path, session.exploration.database.front
        if path != self._warmed and front:
            self._warmed = path
            choice = np.array(front[len(front) // 2].choice, np.int16)
            recipe = session.exploration.recipe(choice)
            self._attempt(lambda: session.ask_preview(recipe=recipe))

    @Slot()
    def _ask(self) -> None:
        """Ask what the recipe is worth, unless that is known or asked already."""
        session = self._session()
        if session is None or not _is_open(session):
            return
        asked = [run.job for run in session.runs.open if isinstance(run.job, PreviewJob)]
        known = [item.recipe for item in (session.preview, *asked[-1:]) if item is not None]
        if session.recipe not in known:
            self._attempt(session.ask_preview)

    @Slot()
    def _widen(self) -> None:
        """Ask on all validation samples, where the last answer was on fewer."""
        session = self._session()
        if session is None or not _is_open(session) or session.preview is None:
            return
        data = None if session.inspection is None else session.inspection.data
        seen = session.preview.measurement.samples
        is_same = session.preview.recipe == session.recipe
        if is_same and data is not None and seen < data.validation and not _asks(session):
            self._attempt(lambda: session.ask_preview(samples=data.validation))


def _is_open(session: Session) -> bool:
    """Say whether there is a recipe whose figures are not those of a measured variant."""
    return session.selected is None and bool(session.recipe.steps)


def _asks(session: Session) -> bool:
    return any(isinstance(run.job, PreviewJob) for run in session.runs.open)
