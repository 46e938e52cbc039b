"""What the window shows of a session: whose figures are on top, and under which title."""

from __future__ import annotations

from dataclasses import dataclass

from tinystudio.core.measurement import Measurement
from tinystudio.gallery import PREFIX, gallery
from tinystudio.jobs.job import InspectJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.session import Session


@dataclass(frozen=True)
class Shown:
    """Figures and what they are of; `measurement` None: there are none, `title` says why."""

    title: str
    measurement: Measurement | None = None
    original: Measurement | None = None
    is_preview: bool = False


def shown_figures(session: Session) -> Shown:
    """Return what to show now."""
    if reason := _why_no_figures(session):
        return Shown(reason)
    original = session.original
    before = None if original is None else original.measurement
    selected = session.selected
    if selected is not None:
        compared = None if selected.is_original else before
        return Shown(selected.title, selected.measurement, compared)
    preview = session.preview
    if preview is not None and _is_alike(preview.recipe, session.recipe):
        return Shown(preview.recipe.title, preview.measurement, before, is_preview=True)
    if session.recipe.steps:
        return Shown("Working out what this recipe is worth…")
    return Shown("Measuring the model as it is…")


def _why_no_figures(session: Session) -> str:
    if session.network is None:
        return "Open a model to see what it is worth."
    if trouble := opening_trouble(session):
        return trouble
    return "" if session.data else "Attach data to see how accurate the model is."


def opening_trouble(session: Session) -> str:
    """Return why the open model cannot be worked with, or nothing where it can."""
    if session.network is None or session.inspection is not None:
        return ""
    looks = [
        run for run in session.runs
        if isinstance(run.job, InspectJob) and run.job.network == session.network
    ]  # fmt: skip
    problem = looks[-1].problem if looks else None
    return f"{problem.title}. {problem.detail}" if problem is not None else ""


def _is_alike(shown: Recipe, edited: Recipe) -> bool:
    """Say whether a preview is of the recipe, perhaps a moment ago; a wizard's is of another."""
    techniques = [step.technique for step in edited.steps]
    return bool(techniques) and [step.technique for step in shown.steps] == techniques


def network_title(reference: str | None) -> str:
    """Return a network's name for people."""
    if reference is None:
        return "no model open"
    if reference.startswith(PREFIX):
        task = gallery().get(reference.removeprefix(PREFIX))
        return reference if task is None else task.title
    return reference.replace("\\", "/").rsplit("/", 1)[-1]
