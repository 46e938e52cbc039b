"""When previews are asked for: at a move, on all samples at rest, and once beforehand."""

from __future__ import annotations

from idle_workers import begun, ended, figures
from made_database import explore

from tinystudio.jobs.events import PreviewReady
from tinystudio.jobs.job import PreviewJob


def answer(opened, job: PreviewJob, samples: int) -> None:
    """Answer a preview as an engine would, on so many samples."""
    measurement = figures().model_copy(update={"samples": samples})
    ready = PreviewReady(job=job.id, number=job.number, recipe=job.recipe, measurement=measurement)
    opened.engines.arrived.emit([begun(job), ready, ended(job)])


def test_when_the_database_comes_the_engine_is_asked_for_a_point_of_the_front(
    opened, qtbot, tmp_path
):
    explore(opened, qtbot, tmp_path)
    qtbot.waitUntil(lambda: bool(opened.engines.previews()))
    session = opened.assembly.studio.session
    (asked,) = opened.engines.previews()
    assert asked.database == session.exploration.path
    assert session.exploration.choice(asked.recipe) is not None
    assert not session.recipe.steps  # nothing was chosen for the user


def test_once_the_recipe_rests_all_validation_samples_are_asked_for(opened, qtbot, tmp_path):
    explore(opened, qtbot, tmp_path)
    session = opened.assembly.studio.session
    qtbot.waitUntil(lambda: bool(opened.engines.previews()))
    answer(opened, opened.engines.previews()[0], 40)
    session.add_step("channel-pruning")
    qtbot.waitUntil(lambda: opened.engines.previews()[-1].recipe == session.recipe)
    count = session.inspection.data.validation
    answer(opened, opened.engines.previews()[-1], count - 1)
    qtbot.waitUntil(lambda: opened.engines.previews()[-1].samples == count)
    assert opened.engines.previews()[-1].recipe == session.recipe
    asked = len(opened.engines.previews())
    answer(opened, opened.engines.previews()[-1], count)
    rest = opened.assembly.studio._preview._rest
    qtbot.waitUntil(lambda: not rest.isActive())
    assert len(opened.engines.previews()) == asked  # there is nothing wider to ask for
