"""The steps of the guided tour: what each points at, waits for, and does when it is asked to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QToolBar, QWidget

from tinystudio.gallery import PREFIX
from tinystudio.gui.window import GALLERY_TAB
from tinystudio.gui.wizards.export import ExportWizard
from tinystudio.jobs.events import Exported
from tinystudio.session.front import Limits

if TYPE_CHECKING:
    from tinystudio.gui.assembly import Assembly

TASK = f"{PREFIX}digits"
TRADE_OFF_TAB = 0
SHOWN_SHARE = 1 / 5  # of the original's size: the limit that "Show me" draws
LOOKING = "The model is being measured…"
BUILDING = "Its layers are being tried…"
MEASURING = "It is being measured…"
WRITING = "It is being written and checked…"


def _yes() -> bool:
    return True


def _nothing() -> str:
    return ""


def _none() -> None:
    return None


@dataclass(frozen=True)
class TourStep:
    """One step. `waiting` says why it cannot be done yet; `can_begin`: what it needs is there."""

    id: str
    title: str
    text: str
    target: Callable[[], QWidget | None]
    is_done: Callable[[], bool]
    show: Callable[[], object]
    tab: int | None = TRADE_OFF_TAB
    waiting: Callable[[], str] = _nothing
    can_begin: Callable[[], bool] = _yes
    verb: str = "Show me"
    clear_of: Callable[[], QWidget | None] = _none  # what it speaks of, where not the target alone


class TourSteps:
    """Looks at the window's parts and uses them as a user would."""

    def __init__(self, parts: Assembly) -> None:
        self._parts = parts
        self._looked = False
        self._before: object = None  # the recipe, when the step with the dial began
        self._exports: frozenset[str] = frozenset()  # that were there before
        self.steps = (*self._first(), *self._last())

    def enter(self, step: TourStep) -> None:
        """Remember what there was before a step, to see what the user does in it."""
        self._looked = False
        if step.id == "open":
            self._parts.gallery.point_at(TASK)
        if self._parts.studio.is_open:
            session = self._parts.studio.session
            if step.id == "look" and session.original is not None:
                self._parts.studio.choose_variant(session.original.id)  # its figures are meant
            self._before = session.recipe
            if step.id == "export":
                self._exports = frozenset(r.id for r in session.runs if r.exported is not None)

    @property
    def exported(self) -> Path | None:
        """Return what was written since the step that exports began."""
        found = self._exported()
        return Path(found.artifacts[0].path) if found is not None and found.artifacts else None

    def _exported(self) -> Exported | None:
        if not self._parts.studio.is_open:
            return None
        runs = [r for r in self._parts.studio.session.runs if r.id not in self._exports]
        return next((run.exported for run in runs if run.exported is not None), None)

    def _first(self) -> tuple[TourStep, ...]:
        """Return the steps from the gallery to a limit."""
        parts = self._parts
        return (
            TourStep(
                "open", "A task to begin with",
                "Real handwritten digits, and a model that reads them. Double-click the card, or "
                "press Enter on it.",
                lambda: parts.gallery.card(TASK), self._is_open,
                lambda: parts.opening.open(TASK), GALLERY_TAB,
            ),
            TourStep(
                "look", "What it is worth as it came",
                "How many it reads right, how large it is and how long one takes on this computer. "
                "All that follows is compared with this.",
                lambda: parts.figures, lambda: self._looked, self._look,
                waiting=lambda: "" if self._original_size() else LOOKING,
                can_begin=self._is_open, verb="Next",
            ),
            TourStep(
                "limit", "Say what it may cost",
                "Hollow points are smaller models, predicted from trying every layer. “Limit size” "
                "draws a line, which can be dragged: what lies beyond it is out.",
                lambda: parts.trade_off.toolbar.limits[0],
                self._has_limit, self._limit,
                waiting=lambda: "" if self._has_front() else BUILDING, can_begin=self._is_open,
                clear_of=lambda: parts.trade_off,
            ),
            TourStep(
                "take", "Take the best inside the limit",
                "The most accurate model that is small enough is named under the plots. “Use it” "
                "makes it the recipe, on the right.",
                lambda: parts.trade_off.answer, self._has_recipe, self._take,
                waiting=lambda: "" if self._has_front() else BUILDING,
                can_begin=lambda: self._is_open() and self._has_limit(),
            ),
        )  # fmt: skip

    def _last(self) -> tuple[TourStep, ...]:
        """Return the steps from the dial to the written file."""
        parts = self._parts
        return (
            TourStep(
                "dial", "Or go anywhere on the front",
                "The dial passes all of its points: drag it, or use the arrow keys. The figures "
                "follow at once, as predictions.",
                lambda: parts.compression,
                lambda: self._has_recipe() and parts.studio.session.recipe != self._before,
                self._turn, waiting=lambda: "" if self._has_front() else BUILDING,
                can_begin=self._has_recipe,
            ),
            TourStep(
                "measure", "From predicted to measured",
                "“Measure this recipe” makes the model, counts its mistakes on data it has not "
                "seen, and times it against the original.",
                lambda: parts.settings.measure_button, self._is_measured,
                parts.studio.measure, waiting=self._measuring, can_begin=self._has_recipe,
            ),
            TourStep(
                "wizard", "Take it with you", "“Export…” writes the model to a file.",
                self._export_button, lambda: self._wizard() is not None,
                lambda: parts.commands.carry_out("export"), can_begin=self._is_measured,
            ),
            TourStep(
                "export", "Written and checked",
                "“Export now” writes an ONNX file, opens it in a fresh process, compares its "
                "answers and times it.",
                self._now_button, lambda: self._exported() is not None, self._export,
                None, self._writing, lambda: self._wizard() is not None,
            ),
        )  # fmt: skip

    # What there is

    def _is_open(self) -> bool:
        studio = self._parts.studio
        return studio.is_open and studio.session.network == TASK

    def _original_size(self) -> float | None:
        original = self._parts.studio.session.original
        return None if original is None else original.measurement.size_bytes

    def _has_front(self) -> bool:
        return bool(self._parts.steering.path) and self._original_size() is not None

    def _has_limit(self) -> bool:
        return self._parts.studio.session.limits.size_bytes is not None

    def _has_recipe(self) -> bool:
        return self._is_open() and bool(self._parts.studio.session.recipe.steps)

    def _is_measured(self) -> bool:
        selected = self._parts.studio.session.selected if self._has_recipe() else None
        return selected is not None and selected.measurement.score_status == "measured"

    def _measuring(self) -> str:
        # The background's own measurements end by themselves; the user's has a title of its own.
        runs = self._parts.studio.session.runs.open
        title = f"Measure {self._parts.studio.session.recipe.title}"
        return MEASURING if any(run.job.title == title for run in runs) else ""

    def _wizard(self) -> ExportWizard | None:
        return self._parts.commands.wizards.export_wizard

    def _writing(self) -> str:
        return WRITING if self._parts.commands.wizards.is_exporting else ""

    def _export_button(self) -> QWidget | None:
        bar = self._parts.window.findChild(QToolBar)
        return None if bar is None else bar.widgetForAction(self._parts.actions["export"])

    def _now_button(self) -> QWidget | None:
        wizard = self._wizard()
        return None if wizard is None else wizard.at_once_button

    # What "Show me" does

    def _look(self) -> None:
        self._looked = True

    def _limit(self) -> None:
        size = self._original_size()
        if size is not None:
            self._parts.studio.set_limits(Limits(size_bytes=size * SHOWN_SHARE))

    def _take(self) -> None:
        """Press "Use it"; where that is the original, or nothing, take what is smallest."""
        button = self._parts.trade_off.answer.take_button
        if button.isVisible():
            button.click()
        if not self._has_recipe():
            front = self._parts.studio.session.exploration.front(None)
            self._parts.steering.choose_front(len(front) - 1)

    def _turn(self) -> None:
        """Turn the dial to a neighbouring point: the one before, which is larger.

        Where what was taken is no point of the dial, to the first that is within the limit shown:
        the dial's own first point may be next to the original.
        """
        here, path = self._parts.compression.dial.value(), self._parts.steering.path
        most = (self._original_size() or 0) * SHOWN_SHARE
        within = (stop for stop, point in enumerate(path) if point.size_bytes <= most)
        stop = next(within, 1) if here == 0 else here - 1 if here > 1 else here + 1
        self._parts.compression.turned.emit(stop, False)

    def _export(self) -> None:
        wizard = self._wizard()
        if wizard is None:
            return
        wizard.finish_at_once()
        if not self._parts.commands.wizards.is_exporting:
            wizard.go_on()  # a file of that name is there: the page has said so
