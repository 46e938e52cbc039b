"""What the window shows of a session: whose figures are on top, and under which title."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tinystudio.core.measurement import Measurement
from tinystudio.gallery import PREFIX, find_task, gallery
from tinystudio.jobs.job import InspectJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.baseline import as_against, baseline_words
from tinystudio.session.exploration import Exploration
from tinystudio.session.gains import gain_of
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.session import Session

TOO_EARLY = (
    "Working out what this recipe is worth… INT8 is not predicted before the layers are timed."
)

TRAINS = "This recipe trains the model, which takes its time. Measure it to see what it is worth."


@dataclass(frozen=True)
class Shown:
    """Figures and what they are of; `measurement` None: there are none, `title` says why.

    A preview is measured on some samples (its latency may be predicted); a prediction is not
    measured at all.
    """

    title: str
    measurement: Measurement | None = None
    original: Measurement | None = None
    is_preview: bool = False
    gain: str = ""  # over its control, in words
    awaited: str = ""  # the recipe that these are not of yet: its preview has not come

    @property
    def is_predicted(self) -> bool:
        """Say whether the score is a prediction."""
        return self.measurement is not None and self.measurement.score_status == "predicted"


def shown_figures(session: Session) -> Shown:
    """Return what to show now."""
    if reason := _why_no_figures(session):
        return Shown(reason)
    baseline = session.baseline
    before = None if baseline is None else baseline.measurement
    selected = _selected(session)
    if selected is not None:
        compared = None if selected.is_reference or selected.is_outdated else before
        gain = gain_of(selected, session.variants())
        words = "" if gain is None else gain.sentence
        if selected.reference is not None:
            words = "This is the baseline." if selected.is_reference else against_words(session)
        return Shown(selected.title, selected.measurement, compared, gain=words)
    if (moving := _of_the_recipe(session, before)) is not None:
        return _against(moving, baseline)
    return Shown(_what_is_awaited(session))


def against_words(session: Session) -> str:
    """Return what changes are told against, where that is not the original."""
    baseline = session.baseline
    if baseline is None or baseline.is_original:
        return ""
    return f"Changes are against {baseline_words(baseline)}."


def _selected(session: Session) -> ProjectVariant | None:
    wanted = session.state.selected
    return next((item for item in session.compared() if item.id == wanted), None)


def _against(moving: Shown, baseline: ProjectVariant | None) -> Shown:
    """Return what is known of a recipe as it stands to the baseline."""
    if moving.measurement is None:
        return moving
    return replace(moving, measurement=as_against(moving.measurement, baseline))


def _what_is_awaited(session: Session) -> str:
    """Return why there are no figures of the recipe yet."""
    if session.exploration.is_too_early(session.recipe):
        return TOO_EARLY
    if session.trains_anew(session.recipe):
        return TRAINS
    if session.recipe.steps:
        return "Working out what this recipe is worth…"
    return "Measuring the model as it is…"


def _of_the_recipe(session: Session, before: Measurement | None) -> Shown | None:
    """Return what is known of the recipe before it is measured; the exact score goes first."""
    original = session.original
    predicted = _predicted(session, None if original is None else original.measurement)
    preview = session.preview
    if preview is not None and preview.recipe == session.recipe:
        figures = _with_latency(preview.measurement, predicted)
        return Shown(preview.recipe.title, figures, before, is_preview=True)
    if predicted is not None:
        return Shown(session.recipe.title, predicted, before, is_preview=True)
    if session.trains_anew(session.recipe):
        return None
    if preview is not None and _is_alike(preview.recipe, session.recipe, session.exploration):
        return Shown(
            preview.recipe.title, preview.measurement, before, is_preview=True,
            awaited=session.recipe.title,
        )  # fmt: skip
    return None


def _predicted(session: Session, original: Measurement | None) -> Measurement | None:
    """Return what the layer database says of the recipe, where it knows it."""
    exploration = session.exploration
    point = exploration.found(session.recipe)
    if exploration.database is None or point is None or not session.recipe.steps:
        return None
    figures = exploration.figures(point, original)
    before = exploration.database.original_score
    low, high = figures.score_interval or (before, before)
    return figures.model_copy(update={"score_tied": low <= before <= high})


def _with_latency(measured: Measurement, predicted: Measurement | None) -> Measurement:
    """Return a preview with the predicted latency: it is timed once it is measured."""
    if predicted is None:
        return measured
    names = [name for name in type(measured).model_fields if name.startswith("latency_")]
    return measured.model_copy(update={name: getattr(predicted, name) for name in names})


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


def _is_alike(shown: Recipe, edited: Recipe, exploration: Exploration) -> bool:
    """Say whether a preview is of the recipe, perhaps a moment ago; a wizard's is of another.

    So is one of a place of the dial where figures are known, seen from one where none are yet.
    """
    if exploration.is_too_early(shown) != exploration.is_too_early(edited):
        return False
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


def network_file(reference: str | None) -> str:
    """Return where a network's file is."""
    if reference is None or not reference.startswith(PREFIX):
        return reference or ""
    return str(find_task(reference).network_path)
