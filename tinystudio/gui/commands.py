"""What each action of menus and toolbar does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from tinystudio.core import places
from tinystudio.core.files import write_whole
from tinystudio.gui import help_cards, theme
from tinystudio.gui.advice_desk import AdviceDesk
from tinystudio.gui.data_desk import DataDesk
from tinystudio.gui.data_filter import DATA
from tinystudio.gui.diagnosis_desk import DiagnosisDesk
from tinystudio.gui.download_desk import DownloadDesk
from tinystudio.gui.everyday_desks import EverydayDesks
from tinystudio.gui.file_dialogs import MODELS, FileDialogs
from tinystudio.gui.history_desk import HistoryDesk
from tinystudio.gui.jobs_desk import JobsDesk
from tinystudio.gui.moved_desk import FIND_FILE, FIND_FOLDER, MovedDesk
from tinystudio.gui.notice import Notice
from tinystudio.gui.opening import Opening
from tinystudio.gui.remembered import Remembered
from tinystudio.gui.studio import Studio
from tinystudio.gui.theme import PREFERENCES, Preference
from tinystudio.gui.window import MainWindow
from tinystudio.gui.wizard_desk import PLANNING, WizardDesk
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.project import SUFFIX, with_suffix

RECIPES = "Recipes (*.json)"
PROJECTS = f"Projects (*{SUFFIX})"


class Commands(QObject):
    """Carries out an action by its id."""

    rename_requested = Signal()  # the browser knows how to ask for a name
    gallery_requested = Signal()
    compare_requested = Signal()
    tour_requested = Signal()

    def __init__(
        self, window: MainWindow, studio: Studio, opening: Opening, remembered: Remembered
    ) -> None:
        super().__init__()
        self._window = window
        self._studio = studio
        self._opening = opening
        self._remembered = remembered
        self._ask = FileDialogs(window, remembered)
        self.wizards = WizardDesk(window, studio, remembered)
        self.diagnosis = DiagnosisDesk(window, studio)
        self.data = DataDesk(window, studio)
        self.downloads = DownloadDesk(window, studio)
        self.moved = MovedDesk(window, studio, remembered)
        self.jobs, self.history = JobsDesk(studio), HistoryDesk(window, studio)
        self.advice = AdviceDesk(studio)
        self.advice.action_requested.connect(self.carry_out)
        self.everyday = EverydayDesks(window, studio, self._ask)
        opening.shared_requested.connect(self._open_shared)
        self.wizards.action_requested.connect(self.carry_out)
        self.wizards.recipe_save_requested.connect(self.save_recipe)
        self._table: Mapping[str, Callable[[], object]] = self._make_table()

    def _make_table(self) -> dict[str, Callable[[], object]]:
        studio, window = self._studio, self._window
        return {
            "open-model": self.open_model,
            "open-model-folder": self._open_model_folder,
            "show-gallery": self.gallery_requested.emit,
            "attach-data": self._attach_data,
            "attach-folder": self._attach_folder,
            "detach-data": lambda: studio.attempt(studio.session.detach_data),
            "download-data": self.downloads.show,
            "show-data": self.data.show,
            "new-project": self._new_project,
            "open-project": self._open_project,
            "save-project-as": self._copy_project,
            "quit": window.close,
            "undo": studio.undo,
            "redo": studio.redo,
            "clear-recipe": lambda: studio.edit_recipe(Recipe()),
            "rename": self.rename_requested.emit,
            "delete": lambda: self._with_selected(studio.delete),
            **{id: partial(self.wizards.plan, id) for id in PLANNING},
            "make-adaptive": lambda: None,  # greyed: there is no such technique yet
            "open-recipe": self._open_recipe,
            "save-recipe": lambda: self.save_recipe(studio.session.recipe),
            "measure": studio.measure,
            "diagnose": self.diagnosis.ask,
            "advice": self.advice.show_all,
            "compare": self.compare_requested.emit,
            "search": studio.search,
            "keep": self.keep_selected,
            "notes": lambda: self._with_selected(self.history.note),
            "making": lambda: self._with_selected(self.history.show_making),
            "measure-original": lambda: studio.attempt(studio.session.measure_original),
            "pause-jobs": self.jobs.pause_all,
            "resume-jobs": self.jobs.resume_all,
            "cancel-jobs": self.jobs.cancel_all,
            "export": lambda: self.wizards.export(None),
            **self.everyday.table,
            "show-project": lambda: show_file(studio.session.project.folder),
            "show-browser": lambda: self._toggle("show-browser"),
            "show-settings": lambda: self._toggle("show-settings"),
            "show-jobs": lambda: self._toggle("show-jobs"),
            "theme-system": lambda: self._prefer("system"),
            "theme-light": lambda: self._prefer("light"),
            "theme-dark": lambda: self._prefer("dark"),
            "reset-layout": window.reset_layout,
            "guided-tour": self.tour_requested.emit,
            "first-steps": lambda: help_cards.show_first_steps(window),
            "shortcuts": lambda: help_cards.show_shortcuts(window),
            "show-log": lambda: show_file(places.log()),
            "about": lambda: help_cards.show_about(window),
        }

    @property
    def ids(self) -> set[str]:
        """Return the actions that something is done for."""
        return set(self._table)

    def teach(self, more: Mapping[str, Callable[[], object]]) -> None:
        """Take in what others do for actions of theirs."""
        self._table = {**self._table, **more}

    @Slot(str)
    def carry_out(self, action: str) -> None:
        """Do what the action of that id stands for."""
        if action in (FIND_FILE, FIND_FOLDER):  # offered where something is lost, and in no menu
            self.moved.find(action)
        else:
            self._table[action]()

    def find_again(self, path: Path) -> None:
        """Ask where a project or a model is that was opened before and is not there any more."""
        title = f"Where is {path.name} now?"

        def open_instead(found: Path) -> None:
            settings = self._remembered.settings
            self._remembered.change(settings.without(path))
            self._open(found)

        if path.name.endswith(SUFFIX):
            self._ask.ask_folder("project", title, open_instead)
        else:
            self._ask.ask_file("model", title, MODELS, open_instead)

    @Slot()
    def open_model(self) -> None:
        """Ask for a model and open it."""
        self._ask.ask_file("model", "Open a model", MODELS, self._open)

    def _open_model_folder(self) -> None:
        self._ask.ask_folder("model", "Open a model's folder", self._open)

    @Slot(str)
    def export_variant(self, variant: str) -> None:
        """Begin to export a variant."""
        self.wizards.export(variant)

    @Slot()
    def keep_selected(self) -> None:
        """Keep the selected variant, or let it go where it is kept."""
        selected = self._studio.session.selected
        if selected is not None:
            self._studio.keep(selected.id, not selected.mark.kept)

    @Slot(object)
    def _open_shared(self, path: Path) -> None:
        self.everyday.sharing.open(path, self._opening.open_project)

    def _open(self, path: Path) -> None:
        self._opening.open(str(path))

    def _attach_data(self) -> None:
        self._ask.ask_file("data", "Attach data", DATA, self._opening.attach_data)

    def _attach_folder(self) -> None:
        self._ask.ask_folder("data", "Attach a folder as data", self._opening.attach_data)

    def _new_project(self) -> None:
        self._ask.ask_new(
            "project", "New project", PROJECTS, SUFFIX[1:],
            lambda path: self._opening.open_project(with_suffix(path)),
        )  # fmt: skip

    def _open_project(self) -> None:
        self._ask.ask_folder("project", "Open a project", self._opening.open_project)

    def _copy_project(self) -> None:
        self._ask.ask_new(
            "project", "Save a copy of the project", PROJECTS, SUFFIX[1:],
            self._studio.copy_project,
        )  # fmt: skip

    def _open_recipe(self) -> None:
        self._ask.ask_file("recipe", "Open a recipe", RECIPES, self._open)

    @Slot(object)
    def save_recipe(self, recipe: Recipe) -> None:
        """Ask where a recipe is to be written, and write it."""

        def save(path: Path) -> None:
            text = recipe.model_dump_json(indent=2)
            if self._studio.attempt(lambda: write_whole(path, f"{text}\n".encode())):
                self._studio.raise_notice(
                    Notice("The recipe was saved", f"It is at {path}.", gravity="news")
                )

        self._ask.ask_new("recipe", "Save the recipe", RECIPES, "json", save)

    def _with_selected(self, act: Callable[[str], object]) -> None:
        selected = self._studio.session.selected
        if selected is not None:
            act(selected.id)

    def _toggle(self, action: str) -> None:
        self._window.set_part_visible(action, not self._window.parts_shown()[action])

    def _prefer(self, preference: Preference) -> None:
        theme.switch().prefer(preference)
        settings = self._remembered.settings.model_copy(update={"theme": preference})
        self._remembered.change(settings)
        tick_theme(self._window)


def tick_theme(window: MainWindow) -> None:
    """Tick the theme that is preferred."""
    chosen = theme.switch().preference
    window.actions_by_id.tick({f"theme-{name}": name == chosen for name in PREFERENCES})


def show_file(path: Path | str) -> None:
    """Have the system show a file or folder with the program for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
