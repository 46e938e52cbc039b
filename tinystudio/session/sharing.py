"""A project as one file to share: nothing in it names a folder of this computer.

The file is a zip: the database, the artifacts, and a note that says which artifact is which model.
Models and data are named in it without their folders. A model comes with it, as the file that was
measured; data does not, and is asked for where it is not found.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from tinystudio.core.data_reference import DataReference
from tinystudio.core.errors import UserError
from tinystudio.core.files import check_replaceable, unwritable
from tinystudio.downloads import is_download
from tinystudio.gallery import PREFIX
from tinystudio.jobs.events import Started, VariantReady
from tinystudio.session.moving import Move
from tinystudio.session.project import SUFFIX, Project, open_project
from tinystudio.session.records import Memory
from tinystudio.session.scrubbing import known_folders, without_paths
from tinystudio.session.store import Store

ENDING = f"{SUFFIX}.zip"
NOTE = "shared.json"
DATABASE, ARTIFACTS, MODELS = "project.sqlite", "artifacts", "models"
LARGEST_BYTES = 50 * 10**9  # unpacked; more is no project of small networks
LARGEST_NOTE = 10**6
CHUNK = 2**20
NOT_SHARED, NOT_OPENED = "The project was not shared", "The shared project was not opened"
FILES, SENTENCES = ("path", "output"), ("title", "detail", "hint", "reason")
DROPPED = ("preview", "traceback")  # a file in a cache; lines of a program's folders


def share_project(project: Project, output: Path) -> int:
    """Write the project to one file, whole or not at all, and return its size in bytes.

    Raises `UserError` where it cannot be written.
    """
    check_replaceable(output)
    beside = output.with_name(f".{output.name}.part")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="tinystudio-share-") as folder:
            database = Path(folder) / DATABASE
            project.copy_database(database)
            models = _without_folders(database, project)
            _pack(database, models, project.artifacts, beside)
        beside.replace(output)
        return output.stat().st_size
    except OSError as error:
        raise unwritable(output, error) from error
    finally:
        beside.unlink(missing_ok=True)


def is_shared_project(path: Path) -> bool:
    """Say whether a file is a project that was shared."""
    if path.suffix.lower() != ".zip":
        return False
    try:
        with zipfile.ZipFile(path) as packed:
            return {NOTE, DATABASE} <= set(packed.namelist())
    except (OSError, zipfile.BadZipFile, ValueError):
        return False


def open_shared(path: Path, folder: Path | None = None) -> Path:
    """Unpack a shared project and return its folder; raises `UserError`.

    Without `folder` it is put beside the file, under a name that is free.
    """
    target = folder or _free(path)
    if target.exists():
        raise UserError(NOT_OPENED, f"There is already something at {target}.", "Name another.")
    beside = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(path) as packed:
            models = _note(packed)
            _unpack(packed, beside)
        beside.rename(target)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise _damaged(path, str(error)) from error
    except OSError as error:
        raise unwritable(target, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    _put_models(target, models)
    return target


def _without_folders(database: Path, project: Project) -> dict[str, str]:
    """Take the folders out of a copy of the database; return the artifacts of models, by name."""
    store = Store(database)
    try:
        memory = store.read()
        names = _names(memory)
        for old, new in names.items():
            store.relocate(Move(Path(old), Path(new)))
        folders = {str(Path(old).parent): "(folder)" for old in names if Path(old).is_absolute()}
        replaced = {str(project.folder): project.folder.name, **folders, **known_folders()}
        # Settings of data stand percent-encoded behind its name.
        replaced |= {quote(old, safe=""): quote(new, safe="") for old, new in replaced.items()}
        store.rewrite(lambda body: _scrubbed_json(body, replaced))
        return _originals(memory, names)
    finally:
        store.close()


def _names(memory: Memory) -> dict[str, str]:
    """Return a name of its own for every path that something is called by."""
    names: dict[str, str] = {}
    for reference in _references(memory):
        path = DataReference.parse(reference).path
        if path in names or reference.startswith(PREFIX) or is_download(reference):
            continue
        plain = path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] or "data"
        name, number = plain, 2
        while name in names.values():
            name, number = f"{number} {plain}", number + 1
        names[path] = name
    return names


def _references(memory: Memory) -> Iterator[str]:
    for event in memory.events:
        if isinstance(event, Started):
            named = (getattr(event.what, name, None) for name in ("network", "data", "against"))
            yield from (name for name in named if isinstance(name, str))
            recipes = (getattr(event.what, "recipe", None), *getattr(event.what, "recipes", ()))
            yield from (name for recipe in recipes if recipe for name in recipe.models)
        elif isinstance(event, VariantReady):
            made = event.variant
            yield from (made.network, made.data, *made.models, *made.recipe.models)
    state = memory.state
    yield from (name for name in (state.network, state.data) if name)
    yield from state.recipe.models


def _originals(memory: Memory, names: dict[str, str]) -> dict[str, str]:
    """Return which artifact is the model of which name: that of its original."""
    return {
        names[event.variant.network]: Path(event.variant.artifact.path).name
        for event in memory.events
        if isinstance(event, VariantReady)
        and not event.variant.recipe.steps
        and event.variant.artifact is not None
        and event.variant.network in names
    }


def _scrubbed_json(body: str, replaced: dict[str, str]) -> str:
    return json.dumps(_scrubbed(json.loads(body), replaced), ensure_ascii=False)


def _scrubbed(value: Any, replaced: dict[str, str], key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _scrubbed(item, replaced, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_scrubbed(item, replaced, key) for item in value]
    return _scrubbed_text(value, replaced, key) if isinstance(value, str) else value


def _scrubbed_text(text: str, replaced: dict[str, str], key: str) -> str:
    if key in DROPPED:
        return ""
    if key in FILES:
        return text.replace("\\", "/").rsplit("/", 1)[-1]
    for old, new in replaced.items():
        text = text.replace(old, new)
    # Names of nodes look like paths as well: only sentences are searched for what may be one.
    return without_paths(text) if key in SENTENCES else text


def _pack(database: Path, models: dict[str, str], artifacts: Path, output: Path) -> None:
    # Networks hardly get smaller; the database, which is text, does.
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        files = sorted(artifacts.iterdir()) if artifacts.is_dir() else []
        kept = [file for file in files if file.is_file() and not file.name.startswith(".")]
        there = {file.name for file in kept}
        known = {name: file for name, file in models.items() if file in there}
        packed.writestr(NOTE, json.dumps({"format": 1, "models": known}, indent=2))
        packed.write(database, DATABASE)
        for file in kept:
            packed.write(file, f"{ARTIFACTS}/{file.name}")


def _note(packed: zipfile.ZipFile) -> dict[str, str]:
    """Return which artifact is which model; raises `UserError` where the note is not sound."""
    name = Path(packed.filename or "").name
    try:
        if packed.getinfo(NOTE).file_size > LARGEST_NOTE:
            raise ValueError("its note is too long")
        said = json.loads(packed.read(NOTE))
        if said["format"] != 1:
            raise UserError(NOT_OPENED, f"{name} is of a newer TinyStudio.", "Update TinyStudio.")
        models = {str(model): str(file) for model, file in said["models"].items()}
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(Path(name), f"its note cannot be read ({error})") from error
    if any(_is_unsafe(word) for pair in models.items() for word in pair):
        raise _damaged(Path(name), "a name in it is not allowed")
    return models


def _unpack(packed: zipfile.ZipFile, folder: Path) -> None:
    """Unpack what belongs to a project and nothing else, whatever else the file holds."""
    left = LARGEST_BYTES
    (folder / ARTIFACTS).mkdir(parents=True)
    for item in packed.infolist():
        parts = PurePosixPath(item.filename).parts
        is_artifact = len(parts) == 2 and parts[0] == ARTIFACTS and not _is_unsafe(parts[1])
        if not (is_artifact or item.filename == DATABASE):
            continue
        with packed.open(item) as source, (folder / Path(*parts)).open("wb") as target:
            while chunk := source.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise _damaged(Path(packed.filename or ""), "it unpacks to far too much")
                target.write(chunk)


def _is_unsafe(name: str) -> bool:
    return name in ("", ".", "..") or any(sign in name for sign in "/\\:\0")


def _put_models(folder: Path, models: dict[str, str]) -> None:
    """Put the models that came with the project where it finds them."""
    with open_project(folder, must_write=True) as project:
        for name, artifact in models.items():
            file, placed = folder / ARTIFACTS / artifact, folder / MODELS / name
            if not file.is_file():
                continue
            try:
                placed.parent.mkdir(exist_ok=True)
                shutil.copyfile(file, placed)
            except OSError as error:
                raise unwritable(placed, error) from error
            project.relocate(Path(name), placed)


def _free(path: Path) -> Path:
    name = path.name.removesuffix(".zip").removesuffix(SUFFIX)
    for number in range(1, 1000):
        target = path.parent / f"{name if number == 1 else f'{name} {number}'}{SUFFIX}"
        if not target.exists():
            return target
    raise UserError(NOT_OPENED, f"{path.parent} holds it too many times.", "Move the file.")


def _damaged(path: Path, why: str) -> UserError:
    return UserError(NOT_OPENED, f"{path.name} is damaged: {why}.", "Ask for the file again.")
