"""A model whose file is another one than was measured, in the window."""

from __future__ import annotations

from typing import Any

from idle_workers import begun, ended, inspection, pruned, variant
from pytestqt.qtbot import QtBot

from tinystudio.jobs.events import Inspected, VariantReady
from tinystudio.jobs.job import InspectJob, VariantsJob
from tinystudio.jobs.recipe import Recipe

NETWORK = "gallery:watch"


def answer(opened: Any, source: str, *recipes: Recipe) -> None:
    """Answer what opening asks for: the file's fingerprint, then variants of it."""
    look = opened.engines.last(InspectJob)
    seen = inspection().model_copy(update={"fingerprint": source})
    opened.engines.say(begun(look), Inspected(job=look.id, inspection=seen), ended(look))
    job = opened.engines.last(VariantsJob)
    made = [variant(recipe).model_copy(update={"source": source}) for recipe in recipes]
    opened.engines.say(begun(job), *(VariantReady(job=job.id, variant=m) for m in made), ended(job))


def test_a_changed_file_shows_its_old_figures_as_stale_until_they_are_measured_again(
    opened: Any, qtbot: QtBot
) -> None:
    parts, studio = opened.assembly, opened.assembly.studio
    opened.engines.come_up()
    studio.open_network(NETWORK)
    answer(opened, "old", Recipe(), pruned(0.5))
    qtbot.waitUntil(lambda: len(parts.trade_off.charts[0].points) == 2)
    studio.open_network(NETWORK)
    answer(opened, "new")
    qtbot.waitUntil(lambda: "2 stale points left out" in parts.trade_off.note)
    studio.edit_recipe(pruned(0.5))
    qtbot.waitUntil(lambda: "has changed since" in parts.figures._warning.text())
    assert parts.figures._accuracy.change_text() == "stale"
    assert parts.figures._size.change_text() == "stale"
    studio.measure()
    answer(opened, "new", Recipe(), pruned(0.5))
    qtbot.waitUntil(lambda: len(parts.trade_off.charts[0].points) == 2)
    assert parts.figures._accuracy.change_text() != "stale"
    assert not parts.figures._warning.isVisible()
