"""Files sorted into one folder per class, with or without a folder per split above that.

root/CLASS/...                        cut into splits by seed
root/train/CLASS/..., root/test/...   splits as the folders say
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from tinystudio.core.class_order import class_order
from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Reporter
from tinystudio.core.splitting import grouped, stratified

Role = Literal["train", "validation", "test"]
ROLES: dict[str, Role] = {
    "train": "train", "training": "train", "validation": "validation", "valid": "validation",
    "val": "validation", "test": "test", "testing": "test",
}  # fmt: skip
SHARES = (0.6, 0.2, 0.2)  # where no folder says otherwise: train, validation, test
MISSING_SHARE = 0.2  # of train, in place of a folder that is not there
LOOKED_AT = 10_000  # names, before a folder is taken for something else
HINT = "Put the files of each class into a folder of its own, named after the class."


@dataclass(frozen=True)
class ClassFile:
    """One file; `label` counts the classes from 0, `role` is the split that its folder names."""

    path: Path
    label: int
    role: Role | None


@dataclass(frozen=True)
class ClassFolders:
    """All files in the order of their paths, and the classes in the order of their names."""

    root: Path
    files: tuple[ClassFile, ...]
    classes: tuple[str, ...]

    @property
    def labels(self) -> Array:
        """Return each file's label, (n,)."""
        return np.array([file.label for file in self.files], np.int64)

    def name(self, index: int) -> str:
        """Return a file's path within the folder."""
        return self.files[index].path.relative_to(self.root).as_posix()

    def few(self, most: int | None) -> ClassFolders:
        """Return so many files of each class in each folder of a split, the first; None: all."""
        if most is None:
            return self
        met: dict[tuple[int, Role | None], int] = {}
        kept = []
        for file in self.files:
            place = (file.label, file.role)
            met[place] = met.get(place, 0) + 1
            if met[place] <= most:
                kept.append(file)
        return replace(self, files=tuple(kept))

    def ordered(self, given: str, said: Sequence[str], title: str) -> ClassFolders:
        """Return the same files with their classes in another order; see `class_order`."""
        order = class_order(self.classes, given, said, title)
        files = (replace(file, label=order.label_of[file.label]) for file in self.files)
        return ClassFolders(self.root, tuple(files), order.classes)

    def fingerprint(self) -> str:
        """Return a hash of every file's name, size and time of writing; raises `OSError`."""
        digest = hashlib.sha256(repr(self.classes).encode())
        for index, file in enumerate(self.files):
            about = file.path.stat()
            entry = (self.name(index), file.label, file.role, about.st_size, about.st_mtime_ns)
            digest.update(repr(entry).encode(errors="surrogateescape"))
        return digest.hexdigest()

    def cut(self, seed: int, groups: Array | None = None) -> dict[str, Array]:
        """Return which files are in which split, shuffled; no group (n,) is cut apart.

        A folder's files stay in the split that it names. Where there are such folders, but none
        for validation or test, a share of the training files takes its place.
        """
        return cut_by_role(self.labels, [file.role for file in self.files], groups, seed)


def cut_by_role(
    labels: Array, roles: Sequence[Role | None], groups: Array | None, seed: int
) -> dict[str, Array]:
    """Return which of (n,) are in which split, shuffled, as `ClassFolders.cut` does."""
    named = np.array([role or "" for role in roles])
    known: dict[str, Array] = {
        role: np.random.default_rng(seed).permutation(np.flatnonzero(named == role))
        for role in ("train", "validation", "test")
    }
    if not (named != "").any():
        parts = _parts(labels, groups, SHARES, seed)
        return dict(zip(known, parts, strict=True))
    missing = [role for role in ("validation", "test") if not len(known[role])]
    shares = (1 - MISSING_SHARE * len(missing), *(MISSING_SHARE for _ in missing))
    train = np.flatnonzero(named == "train")
    if missing and len(train):
        of_train = None if groups is None else groups[train]
        parts = _parts(labels[train], of_train, shares, seed)
        for role, part in zip(("train", *missing), parts, strict=True):
            known[role] = train[part]
    return known


def has_class_files(root: Path, suffixes: Collection[str], also_loose: bool = False) -> bool:
    """Say whether a folder below `root` holds a file of that kind; only names are looked at.

    `also_loose`: a file in `root` itself counts too.
    """
    try:
        if not root.is_dir():
            return False
        for count, (folder, _, names) in enumerate(_walk(root)):
            is_place = also_loose or Path(folder) != root
            if is_place and any(_is_of(name, suffixes) for name in names):
                return True
            if count > LOOKED_AT:
                return False
    except (OSError, ValueError):
        pass
    return False


def folder_state(root: Path) -> Hashable:
    """Return what changes when a file anywhere below is added, removed, renamed or replaced.

    A file that is written over in place is only noticed where its folder is read anew.
    """
    states = [(str(root.absolute()), root.stat().st_mtime_ns)]
    states += [(folder, Path(folder).stat().st_mtime_ns) for folder, _, _ in _walk(root)]
    return tuple(states)


def class_files(
    root: Path, suffixes: Collection[str], title: str, reporter: Reporter
) -> ClassFolders:
    """Return the files of that kind below `root`; raises `UserError`, titled so.

    Refused are files outside of class folders, a class without files, and fewer than two classes.
    """
    try:
        tops = sorted(item for item in root.iterdir() if item.is_dir() and _is_shown(item.name))
        roles = {top: ROLES[top.name.lower()] for top in tops if top.name.lower() in ROLES}
        if "train" not in roles.values():
            roles = {}
        found: list[tuple[str, Role | None, Path]] = [(top.name, None, top) for top in tops]
        if roles:
            found = [entry for top, role in roles.items() for entry in _classes_in(top, role)]
        names = tuple(sorted({name for name, _, _ in found}))
        loose = _first_loose((root, *roles), suffixes)
        if loose is not None:
            detail = f"{loose.relative_to(root)} is in no class folder."
            raise UserError(title, detail, HINT)
        files = []
        for name, role, folder in found:
            reporter.check()
            label = names.index(name)
            files += [ClassFile(path, label, role) for path in files_in(folder, suffixes)]
    except OSError as error:
        reason = f"{error.filename}: {error.strerror or error}."
        raise UserError(title, reason, "Check the folder.") from None
    folders = ClassFolders(root, tuple(files), tuple(_readable(name) for name in names))
    _check(folders, title, suffixes)
    return folders


def _parts(
    labels: Array, groups: Array | None, shares: Sequence[float], seed: int
) -> tuple[Array, ...]:
    if groups is None:
        return stratified(labels, shares, seed)
    return grouped(labels, groups, shares, seed)


def _classes_in(top: Path, role: Role | None) -> Iterator[tuple[str, Role | None, Path]]:
    for folder in sorted(top.iterdir()):
        if folder.is_dir() and _is_shown(folder.name):
            yield folder.name, role, folder


def _first_loose(homes: Iterable[Path], suffixes: Collection[str]) -> Path | None:
    for home in homes:
        for item in sorted(home.iterdir()):
            if item.is_file() and _is_of(item.name, suffixes):
                return item
    return None


def files_in(folder: Path, suffixes: Collection[str]) -> list[Path]:
    """Return the files of that kind anywhere below, in the order of their paths."""
    return sorted(
        Path(place, name)
        for place, _, names in _walk(folder)
        for name in names
        if _is_of(name, suffixes)
    )


def _check(folders: ClassFolders, title: str, suffixes: Collection[str]) -> None:
    kinds = ", ".join(sorted(suffixes))
    if not folders.files:
        raise UserError(title, f"It has no class folders with files ({kinds}).", HINT)
    counts = np.bincount(folders.labels, minlength=len(folders.classes))
    if not counts.all():
        empty = folders.classes[int(np.argmin(counts))]
        detail = f"The class folder {empty} has no file that can be read ({kinds})."
        raise UserError(title, detail, "Remove the folder, or put files into it.")
    if len(folders.classes) < 2:
        detail = f"There is only one class folder, {folders.classes[0]}."
        raise UserError(title, detail, "To tell classes apart, at least two are needed.")


def _readable(name: str) -> str:
    """Return a name as text; bytes that are none are replaced."""
    return name.encode(errors="surrogateescape").decode(errors="replace")


def _walk(root: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    def stop(error: OSError) -> None:
        raise error

    for folder, folders, names in os.walk(root, onerror=stop):
        folders[:] = sorted(name for name in folders if _is_shown(name))
        yield folder, folders, names


def _is_of(name: str, suffixes: Collection[str]) -> bool:
    return _is_shown(name) and Path(name).suffix.lower() in suffixes


def _is_shown(name: str) -> bool:
    return not name.startswith((".", "__"))
