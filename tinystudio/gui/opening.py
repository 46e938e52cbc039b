"""What a path means to the window: a project, a model, data, a recipe; and how it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from tinystudio.core.data_reference import DataReference
from tinystudio.core.errors import UserError
from tinystudio.core.peeking import is_model_folder
from tinystudio.datasets import format_of, known_formats
from tinystudio.gallery import PREFIX
from tinystudio.graph.ort_format import REFUSED, REMEDY, is_ort_file
from tinystudio.gui.import_desk import ImportDesk
from tinystudio.gui.remembered import Remembered
from tinystudio.gui.studio import Studio
from tinystudio.importers import is_foreign, suffixes
from tinystudio.jobs.recipe import recipe_from_json
from tinystudio.session.project import SUFFIX, open_project, open_scratch_project
from tinystudio.session.sharing import is_shared_project

Kind = Literal["project", "shared", "network", "data", "recipe", "unknown"]
FIRST_NETWORK = "gallery:watch"
ORDER: tuple[Kind, ...] = ("project", "shared", "network", "data", "recipe", "unknown")


def kind_of(path: str) -> Kind:  # noqa: PLR0911 - one for each kind
    """Say what a path or gallery reference is: by its name, or a folder by what is in it."""
    if is_shared_project(Path(path)):  # before models, of which some come in a .zip too
        return "shared"
    if path.startswith(PREFIX) or path.lower().endswith((".onnx", *suffixes())):
        return "network"
    if path.rstrip("/\\").endswith(SUFFIX):
        return "project"
    if is_model_folder(Path(path)):
        return "network"
    if path.lower().endswith(".json"):
        return "recipe"
    if format_of(DataReference(path)) is not None:
        return "data"
    return "unknown"


class Opening(QObject):
    """Opens what was named, dropped or chosen, and remembers it."""

    shared_requested = Signal(object)  # Path of a project that was shared as one file

    def __init__(self, studio: Studio, remembered: Remembered, imports: ImportDesk) -> None:
        super().__init__(studio)
        self._studio = studio
        self._remembered = remembered
        self._imports = imports
        imports.converted.connect(self._open_network)

    def open_first(self, named: str | None) -> None:
        """Open what the program was started with; else the last project; else the gallery."""
        last = self._remembered.settings.last_project
        if named is not None and kind_of(named) == "project":
            opened = self.open_project(Path(named))
        else:
            opened = last is not None and Path(last).is_dir() and self.open_project(Path(last))
        if not opened and not self._studio.attempt(self._open_scratch):
            return
        if named is not None and kind_of(named) != "project":
            self.open(named)
        elif self._studio.session.network is None:
            self.open(FIRST_NETWORK)

    def open_all(self, paths: Sequence[str]) -> None:
        """Open several at once: a project first, then the model, then its data and recipe."""
        for path in sorted(paths, key=lambda path: ORDER.index(kind_of(path))):
            self.open(path)

    def open(self, path: str) -> None:
        """Open one path or gallery reference; what it is not becomes a notice."""
        match kind_of(path):
            case "project":
                self.open_project(Path(path))
            case "shared":
                self.shared_requested.emit(Path(path))
            case "network" if not path.startswith(PREFIX) and is_foreign(Path(path)):
                self._imports.begin(Path(path))
            case "network":
                self._open_network(path)
            case "data":
                self.attach_data(Path(path))
            case "recipe":
                self._studio.attempt(lambda: self.open_recipe(Path(path)))
            case "unknown":
                self._studio.attempt(lambda: _refuse(path))

    def attach_data(self, path: Path) -> None:
        """Attach a file or folder as data; how it is read is guessed.

        Data that comes while a model is being converted is that model's.
        """
        data = DataReference(str(path)).text
        if self._imports.is_busy:
            self._imports.attach(data)
        else:
            self._studio.attach_data(data)

    def open_project(self, folder: Path) -> bool:
        """Open a project, new or not; the one that is open stays where that fails."""
        if self._studio.is_open and self._studio.session.project.folder == folder.absolute():
            return True
        return self._studio.attempt(lambda: self._open_project(folder))

    def _open_project(self, folder: Path) -> None:
        project = open_project(folder)
        self._studio.open(project)
        self._remembered.change(self._remembered.settings.with_project(project.folder))

    def _open_scratch(self) -> None:
        self._studio.open(open_scratch_project())

    def _open_network(self, reference: str, named: str = "", data: str = "") -> None:
        """Open a model, with data where there is some; `named`: what it was converted from."""
        self._studio.open_network(reference, data)
        self._remembered.change(self._remembered.settings.with_network(named or reference))

    def open_recipe(self, path: Path) -> None:
        """Make a recipe file's recipe the one to go on with; raises `UserError`."""
        try:
            text = path.read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            title = f"{path.name} was not read"
            raise UserError(title, f"{reason}.", "Choose another file.") from error
        self._studio.edit_recipe(recipe_from_json(text, path.name))


def _refuse(path: str) -> None:
    if is_ort_file(Path(path)):
        raise UserError(f"{Path(path).name} was not opened", REFUSED, REMEDY)
    kind = "folder" if Path(path).is_dir() else "file"
    raise UserError(
        f"{Path(path).name} was not opened",
        f"It is not a kind of {kind} that TinyStudio knows.",
        f"Open a model ({', '.join(('.onnx', *suffixes()))}), data ({known_formats()}), a recipe "
        f"(.json) or a project ({SUFFIX}).",
    )
