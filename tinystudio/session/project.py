"""A project folder: its database, its artifacts, and the one who may write to it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

from tinystudio.core import places
from tinystudio.core.errors import UserError
from tinystudio.core.files import unwritable
from tinystudio.jobs.events import Event, VariantReady
from tinystudio.jobs.variant import Variant
from tinystudio.session.moving import Move
from tinystudio.session.records import Memory, Record
from tinystudio.session.recovery import interruptions
from tinystudio.session.store import FORMAT, Store
from tinystudio.session.writer import Writer

SUFFIX = ".tinystudio"
_DATABASE = "project.sqlite"
_ARTIFACTS = "artifacts"


class Project:
    """An open project. Use `open_project`; close it when done."""

    def __init__(self, folder: Path, store: Store, writer: Writer | None, word: str) -> None:
        self.folder = folder
        self._store = store
        self._writer = writer
        self.read_only_reason = word

    @property
    def title(self) -> str:
        """Return the project's name."""
        return self.folder.name.removesuffix(SUFFIX)

    @property
    def is_read_only(self) -> bool:
        """Say whether nothing can be written; `read_only_reason` says why."""
        return bool(self.read_only_reason)

    @property
    def artifacts(self) -> Path:
        """Return the folder where engines write networks, named by their hash."""
        return self.folder / _ARTIFACTS

    def memory(self) -> Memory:
        """Return all that the project remembers, artifacts where they are now."""
        memory = self._store.read()
        events = tuple(self._with_place(event) for event in memory.events)
        return Memory(events, memory.marks, memory.state)

    def write(self, records: Sequence[Record]) -> None:
        """Write records; durable when this returns. A read-only project takes nothing."""
        if not self.is_read_only:
            self._store.write(records)

    def relocate(self, old: Path, new: Path) -> int:
        """Let the project remember what was at `old` as being at `new`, with all that was measured.

        To be done before a session begins: one that is open would not hear of it. Returns how many
        measured variants it is about; raises `UserError` where nothing can be written.
        """
        if self.is_read_only:
            raise UserError(
                "Nothing was put back in its place", self.read_only_reason,
                "Save a copy of the project, or wait until it is free.",
            )  # fmt: skip
        return self._store.relocate(Move(old, new))

    def artifact(self, variant: Variant) -> Path | None:
        """Return the file of a variant, or None where it has been cleaned away."""
        if variant.artifact is None:
            return None
        path = self.artifacts / Path(variant.artifact.path).name
        return path if path.is_file() else None

    def disk_use(self) -> int:
        """Return the bytes that the project takes on disk."""
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())

    def clean_up(self, kept: Iterable[Variant]) -> int:
        """Remove the files of all variants but `kept`; return the bytes freed.

        What is removed can be made again from its recipe.
        """
        keep = {Path(item.artifact.path).name for item in kept if item.artifact}
        freed = 0
        for file in self.artifacts.iterdir() if self.artifacts.is_dir() else ():
            # A name that begins with a dot is a file that an engine is writing just now.
            if file.is_file() and file.name not in keep and not file.name.startswith("."):
                freed += file.stat().st_size
                file.unlink()
        return freed

    def copy_database(self, path: Path) -> None:
        """Write a copy of the database alone."""
        self._store.copy_to(path)

    def copy_to(self, folder: Path) -> Path:
        """Write a copy of this project to another folder and return that; this one stays open."""
        folder = with_suffix(folder)
        if folder.exists():
            raise UserError(
                f"The project was not saved as {folder.name}",
                f"There is already something at {folder}.",
                "Choose another name.",
            )
        try:
            folder.mkdir(parents=True)
            if self.artifacts.is_dir():
                shutil.copytree(self.artifacts, folder / _ARTIFACTS)
            self._store.copy_to(folder / _DATABASE)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise unwritable(folder, error) from error
        except UserError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder

    def close(self) -> None:
        """Close the database and let others write; may be repeated."""
        self._store.close()
        if self._writer is not None:
            self._writer.release()

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _with_place(self, event: Event) -> Event:
        # The folder may have been moved since: files are found by name, below this one.
        if not isinstance(event, VariantReady) or event.variant.artifact is None:
            return event
        artifact = event.variant.artifact
        path = self.artifacts / Path(artifact.path).name
        moved = artifact.model_copy(update={"path": str(path)})
        variant = event.variant.model_copy(update={"artifact": moved})
        return event.model_copy(update={"variant": variant})


def open_project(folder: Path, must_write: bool = False) -> Project:
    """Open the project in `folder`, made if there is none.

    Where somebody else writes to it, or a newer program wrote it, or the folder cannot be written
    to, it opens read-only and says why; with `must_write` that is a `UserError` instead.
    """
    folder = with_suffix(folder).absolute()
    if not is_project(folder):
        _make(folder)
    writer, word = _claim(folder)
    try:
        project = _open(folder, writer, word)
    except BaseException:
        if writer is not None:
            writer.release()
        raise
    if must_write and project.is_read_only:
        project.close()
        raise UserError(
            f"The project {project.title} was not opened for writing",
            project.read_only_reason,
            "Wait until it is free, or choose another folder with --project.",
        )
    project.write(interruptions(project.memory().events))
    return project


def open_scratch_project() -> Project:
    """Open the project of those who named none; a further window gets one of its own."""
    for number in range(1, 100):
        name = "Untitled" if number == 1 else f"Untitled {number}"
        project = open_project(places.data() / f"{name}{SUFFIX}")
        if not project.is_read_only:
            return project
        project.close()
    return open_project(places.data() / f"Untitled {os.getpid()}{SUFFIX}", must_write=True)


def with_suffix(folder: Path) -> Path:
    """Return `folder` with the ending that project folders have."""
    named = folder if folder.name not in ("", "..") else folder.resolve()  # ".", "/", ".."
    return named if named.name.endswith(SUFFIX) else named.parent / (named.name + SUFFIX)


def is_project(folder: Path) -> bool:
    """Say whether there is a project at `folder`; raises `UserError` where that cannot be seen."""
    title = f"The project {folder.name} was not opened"
    try:
        if folder.exists() and not folder.is_dir():
            detail = f"{folder} is a file; a project is a folder."
            raise UserError(title, detail, "Choose another name.")
        return (folder / _DATABASE).is_file()
    except OSError as error:
        detail = f"{folder}: {error.strerror or error}."
        raise UserError(title, detail, "Ask for the right to open it, or choose another.") from None


def _make(folder: Path) -> None:
    title = f"{folder.name} was not made"
    if folder.exists() and any(_foreign(item) for item in folder.iterdir()):
        raise UserError(title, "The folder holds other files.", "Choose an empty or a new folder.")
    try:
        (folder / _ARTIFACTS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error


def _foreign(item: Path) -> bool:
    return not (item.name == _ARTIFACTS or item.name.startswith((_DATABASE, "writer")))


def _claim(folder: Path) -> tuple[Writer | None, str]:
    if not os.access(folder, os.W_OK):
        return None, f"The folder {folder} cannot be written to."
    writer = Writer(folder, program=Path(sys.argv[0]).name or "tinystudio")
    holder = writer.claim()
    return (writer, "") if holder is None else (None, f"It is being written to by {holder}.")


def _open(folder: Path, writer: Writer | None, word: str) -> Project:
    store = Store(folder / _DATABASE, read_only=writer is None)
    if store.format > FORMAT and not word:
        store.close()
        store = Store(folder / _DATABASE, read_only=True)
        word = "A newer TinyStudio wrote it; this one can show it and not change it."
    return Project(folder, store, writer, word)
