"""The made-up database for the layers that `idle_workers.inspection` tells of, in the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from idle_workers import begun, ended
from made_up_database import LEVELS, database, space, with_trained
from pytestqt.qtbot import QtBot

from tinystudio.explorer.database import Database, save_database
from tinystudio.jobs.events import DatabaseReady
from tinystudio.jobs.job import ExploreJob
from tinystudio.jobs.recipe import Recipe

__all__ = ["LEVELS", "database", "explore", "space", "with_trained"]


def explore(
    opened: Any, qtbot: QtBot, folder: Path, timed: bool = True, made: Database | None = None
) -> Database:
    """Open a task, answer what it asks for, then answer its exploration with a database."""
    opened.assembly.studio.open_network("gallery:watch")
    opened.engines.come_up()
    opened.engines.finish_opening()
    exploring = lambda: [job for job in opened.engines.jobs if isinstance(job, ExploreJob)]  # noqa: E731
    qtbot.waitUntil(lambda: bool(exploring()))
    job, made = exploring()[-1], made or database(timed)
    path = str(save_database(folder, made))
    ready = DatabaseReady(job=job.id, path=path, stage=made.stage, seconds=1.0)
    opened.engines.arrived.emit([begun(job), ready, ended(job)])
    steering = opened.assembly.steering
    qtbot.waitUntil(lambda: len(steering.path) > 2 and not steering.is_searching)
    assert opened.assembly.studio.session.recipe == Recipe()
    return made
