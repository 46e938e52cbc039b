"""Carries what the studio knows to the panels whenever it has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from tinystudio.core.measurement import Measurement
from tinystudio.gallery import PREFIX, gallery
from tinystudio.gui.action_table import Need
from tinystudio.gui.browser_rows import OpenNetwork, TaskEntry, browser_rows
from tinystudio.gui.model_choices import model_choices
from tinystudio.gui.moved_desk import FIND
from tinystudio.gui.panels.layers import NOTHING
from tinystudio.gui.shown import (
    Shown,
    against_words,
    network_file,
    network_title,
    opening_trouble,
    shown_figures,
)
from tinystudio.gui.texts import tr
from tinystudio.gui.variant_rows import VariantRows
from tinystudio.gui.window import GALLERY_TAB
from tinystudio.session.baseline import as_against
from tinystudio.session.exploration import Front
from tinystudio.session.front import Limits
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.session import Session

if TYPE_CHECKING:
    from tinystudio.gui.assembly import Assembly

LOOKING = "Looking at the model…"
NO_MODEL = "Open a model first."
ATTACH = (("File…", "attach-data"), ("Folder…", "attach-folder"))
NO_DATA = "Attach data first: accuracy is measured on it."
NO_RECIPE = "Add a technique first."
NOT_MEASURED = "Measure the recipe first."
ALREADY_KEPT = "This variant is kept already."
NOT_OPENED = "The model could not be opened."
READ_ONLY = "The project is open for reading only."

BEHIND_MS = 600  # after which it is said that a preview is awaited


class Showing(QObject):
    """One slot per kind of change; each sets what the panels show, none decides anything."""

    def __init__(self, parts: Assembly) -> None:
        super().__init__(parts)
        self._parts = parts
        self._known: dict[str, str] = {}  # second lines of networks met before
        self._variant_rows = VariantRows()
        self._front: Front = ()
        self._baseline: ProjectVariant | None = None  # that the front is told against
        self._shown: Shown | None = None
        self._behind = QTimer(self)  # a drag is followed; what waits longer is said
        self._behind.setSingleShot(True)
        self._behind.timeout.connect(self._tell_awaited)
        self._network: str | None = ""  # the one shown last; "" before there was any project
        parts.settings.set_measurable(NO_MODEL)
        parts.settings.set_addable(NO_MODEL)
        parts.settings.set_keepable(NO_MODEL)
        studio = parts.studio
        studio.project_changed.connect(self._show_project)
        studio.network_changed.connect(self._show_network)
        studio.recipe_changed.connect(self._show_recipe)
        studio.variants_changed.connect(self._show_variants)
        studio.runs_changed.connect(self._show_runs)
        studio.selection_changed.connect(self._show_selection)
        studio.limits_changed.connect(self._show_limits)
        studio.preview_arrived.connect(self._show_figures)
        studio.point_moved.connect(self._show_figures_at_once)
        studio.database_changed.connect(self._show_database)
        parts.trade_off.limits_moved.connect(self._show_predicted_best)
        studio.engine_state_changed.connect(self._show_engine)
        parts.commands.moved.lost_changed.connect(self._show_offer)

    @property
    def _session(self) -> Session:
        return self._parts.studio.session

    @Slot()
    def _show_project(self) -> None:
        project = self._session.project
        state = "all saved" if self._parts.studio.is_saved else "not saved"
        state = "read only" if project.is_read_only else state
        self._parts.window.show_project(project.title, state)
        self._parts.window.show_recent(self._parts.remembered.recent)

    @Slot()
    def _show_network(self) -> None:
        parts, session = self._parts, self._session
        inspection = session.inspection
        self._show_gallery()
        if inspection is not None:
            parts.layers.show_inspection(inspection)
            parts.layers_view.diagram.show_inspection(inspection, network_file(session.network))
        parts.layers_view.show_model(inspection is not None)
        self._show_why_nothing()
        parts.settings.set_preflight(inspection.preflight if inspection else ())
        parts.window.show_recent(parts.remembered.recent)
        self._show_here()
        self._show_trainings()
        self._show_calibration()
        self._show_browser()
        self._enable()

    def _show_gallery(self) -> None:
        """Where nothing is open, the gallery is in front; it gives way to what is opened."""
        network = self._session.network
        if network == self._network:
            return
        self._network = network
        self._parts.gallery.show_open(network)
        if network is None:
            self._parts.window.show_tab(GALLERY_TAB)
        else:
            self._parts.window.leave_tab(GALLERY_TAB)

    def _show_trainings(self) -> None:
        self._parts.training.show_runs(self._session.runs, self._session.network)

    def _show_why_nothing(self) -> None:
        """Where there is nothing to see, say why: every view has its reason."""
        session, shown = self._session, shown_figures(self._session)
        if session.inspection is None:
            looking = LOOKING if session.network else NOTHING
            self._parts.layers.show_nothing(opening_trouble(session) or looking)
        self._parts.trade_off.say_why_empty("" if session.network is None else shown.title)
        self._show_offer()
        self._show_figures()

    @Slot()
    def _show_recipe(self) -> None:
        self._parts.settings.set_recipe(self._session.recipe, self._session.off_steps)
        actions = self._parts.actions
        for id, word, text in (
            ("undo", "Undo", self._session.undo_text),
            ("redo", "Redo", self._session.redo_text),
        ):
            actions.name(id, f"{tr(word)}: {text}" if text else tr(word))
            actions[id].setIconText(tr(word))
        self._show_figures()
        self._show_choice()
        self._enable()

    @Slot()
    def _show_variants(self) -> None:
        variants = self._session.compared()
        self._parts.trade_off.set_variants(variants)
        for plots in (self._parts.trade_off, self._parts.plots):
            plots.set_imported(self._session.device_points)
        self._parts.trade_off.say_against(against_words(self._session))
        self._parts.runs.set_variants(variants)
        self._parts.plots.set_variants(variants)
        self._show_front()  # its times follow the original's
        self._show_browser()
        self._show_selection()

    @Slot()
    def _show_runs(self) -> None:
        self._parts.jobs.show_runs(self._session.runs)
        self._show_trainings()
        if self._session.inspection is None:
            self._show_why_nothing()  # the run that looks at the model may have failed
        self._enable()

    @Slot()
    def _show_selection(self) -> None:
        selected = self._session.selected
        id = None if selected is None else selected.id
        self._parts.browser.select_variant(id)
        self._parts.trade_off.set_selected(id)
        self._parts.runs.set_selected(id)
        self._parts.plots.set_selected(self._parts.runs.selected_ids() or ([id] if id else []))
        self._show_figures()
        self._enable()

    @Slot()
    def _show_limits(self) -> None:
        self._parts.trade_off.set_limits(self._session.limits)
        self._show_predicted_best(self._session.limits)

    @Slot()
    def _show_database(self) -> None:
        exploration = self._session.exploration
        self._parts.layers.set_database(exploration.database, exploration.points)
        self._parts.costs.set_database(exploration.database, exploration.points)
        self._parts.layers_view.diagram.set_database(exploration.database)
        self._parts.plots.set_database(exploration.database)
        self._show_choice()
        self._show_front()
        self._show_figures()

    def _show_choice(self) -> None:
        """Show in the layer table which levels the recipe stands for; a foreign one for none."""
        exploration, found, is_foreign = self._session.exploration, None, False
        if exploration.database is not None:
            found = exploration.place(self._session.recipe)
            is_foreign = found is None
            found = exploration.database.space.original if found is None else found
        self._parts.layers.show_choice(found, is_foreign)
        self._parts.layers_view.diagram.show_choice(found)
        self._parts.plots.show_choice(found)
        self._show_calibration()

    def _show_calibration(self) -> None:
        inspection = self._session.inspection
        data = None if inspection is None else inspection.data
        self._parts.plots.set_recipe(self._session.recipe, 0 if data is None else data.calibration)

    def _show_front(self) -> None:
        exploration = self._session.exploration
        front, baseline = exploration.front(self._original), self._session.baseline
        if front is self._front and baseline is self._baseline:
            return
        self._front, self._baseline = front, baseline

        def name(number: int) -> str:
            return exploration.recipe_of_point(front[number][0]).title

        told = [as_against(figures, baseline) for _, figures in front]
        self._parts.trade_off.set_front(told, name)
        self._show_predicted_best(self._session.limits)

    @Slot(object)
    def _show_predicted_best(self, limits: Limits) -> None:
        best = None
        if limits != Limits():
            best = self._session.exploration.best_within(limits, self._original)
        numbers = [number for number, (point, _) in enumerate(self._front) if point is best]
        self._parts.trade_off.show_predicted_best(numbers[0] if numbers else None)

    @property
    def _original(self) -> Measurement | None:
        original = self._session.original
        return None if original is None else original.measurement

    @Slot(str)
    def _show_engine(self, _state: str) -> None:
        self._parts.window.status.show_engine(self._parts.studio.engine_state)
        self._show_here()

    @Slot()
    def _show_figures_at_once(self) -> None:
        self._show_figures(at_once=True)

    @Slot()
    def _show_figures(self, at_once: bool = False) -> None:
        shown = shown_figures(self._session)
        if shown != self._shown:
            self._shown = shown
            self._fill_figures(shown)
        if shown.awaited:
            self._behind.start(BEHIND_MS)
        else:
            self._behind.stop()
        if shown.is_preview and shown.measurement is not None:
            self._parts.trade_off.show_preview(shown.title, shown.measurement, at_once)
        else:
            self._parts.trade_off.clear_preview()

    @Slot()
    def _tell_awaited(self) -> None:
        if self._shown is not None and self._shown.awaited:
            self._parts.figures.tell_awaited(self._shown.awaited)

    def _fill_figures(self, shown: Shown) -> None:
        figures = self._parts.figures
        if shown.measurement is None:
            figures.show_nothing(shown.title)
        elif shown.is_preview:
            figures.show_preview(shown.title, shown.measurement, shown.original)
        else:
            figures.show_variant(shown.title, shown.measurement, shown.original, shown.gain)

    def _show_browser(self) -> None:
        session, original = self._session, self._session.original
        opened = None
        if session.network is not None:
            before = None if original is None else original.measurement
            opened = OpenNetwork(session.network, session.inspection, before)
        variants = self._variant_rows.of(session.compared())
        own = [name for name in session.networks if not name.startswith(PREFIX)]
        rows = browser_rows(task_entries(), own, opened, variants, self._known)
        for row in (row for area in rows for row in area.children):
            if row.is_open and row.detail:
                self._known[row.reference] = row.detail
        self._parts.browser.show_rows(rows)
        if self._variant_rows.has_more:
            QTimer.singleShot(0, self, self._show_browser)
        recent = self._parts.remembered.settings.recent_networks
        self._parts.settings.set_models(model_choices(session, recent))

    def _show_here(self) -> None:
        engine = self._session.runs.engine
        texts = [network_title(self._session.network)]
        if engine is not None:
            sets = ", ".join(engine.instruction_sets[-1:])
            computer = ", ".join(part for part in (engine.cpu, sets, "1 thread") if part)
            texts.append(f"here: {computer}")
        self._parts.window.show_here(" · ".join(text for text in texts if text))

    @Slot()
    def _show_offer(self) -> None:
        session, moved = self._session, self._parts.commands.moved
        is_usable = session.network is not None and not opening_trouble(session)
        if moved.lost is not None:
            self._parts.offer.make(moved.words, FIND, moved.ways)
        elif is_usable and session.data is None:
            text = "This model has no data yet, so its accuracy cannot be measured."
            self._parts.offer.make(text, "Attach data", ATTACH)
        else:
            self._parts.offer.hide()

    def _enable(self) -> None:
        studio = self._parts.studio
        there = studio.there()
        self._parts.actions.enable(there)
        reason = ""
        if opening_trouble(self._session):
            reason = NOT_OPENED
        elif self._session.network is None:
            reason = NO_MODEL
        elif "data" not in there:
            reason = NO_DATA
        elif "writable" not in there:
            reason = READ_ONLY
        elif "recipe" not in there:
            reason = NO_RECIPE
        self._parts.settings.set_measurable(reason)
        has_none = reason in (NOT_OPENED, NO_MODEL)
        self._parts.settings.set_addable(reason if has_none else "")
        self._parts.settings.set_keepable(self._why_not_kept(there))
        selected = self._session.selected
        is_kept = selected is not None and selected.mark.kept
        self._parts.actions.name(
            "keep", tr("Let this variant go") if is_kept else tr("Keep this variant")
        )

    def _why_not_kept(self, there: set[Need]) -> str:
        selected = self._session.selected
        if "writable" not in there:
            return READ_ONLY
        if selected is None or "variant" not in there:
            return NOT_MEASURED
        return ALREADY_KEPT if selected.mark.kept else ""


def task_entries() -> tuple[TaskEntry, ...]:
    """Return the gallery's tasks for the browser, by area."""
    return tuple(
        TaskEntry(f"{PREFIX}{task.id}", task.title, task.area, f"{task.question}\n{task.look_at}")
        for task in gallery().values()
    )
