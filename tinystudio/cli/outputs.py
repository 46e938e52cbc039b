"""Looks at what a command is to write: the place before the work, the checks after it."""

from __future__ import annotations

import os
from pathlib import Path

from tinystudio.core.errors import UserError
from tinystudio.core.files import check_replaceable, unwritable
from tinystudio.jobs.events import Exported


def check_output(output: Path) -> None:
    """Raise `UserError` where no file can be written at `output`; nothing is made or changed."""
    try:
        check_replaceable(output)
    except OSError as error:  # a name that is too long, a folder that may not be looked into
        raise unwritable(output, error) from error
    check_folder(output.parent, f"{output.name} was not written")


def check_folder(folder: Path, title: str) -> None:
    """Raise `UserError` with this title where `folder` is no folder to write to, nor can be."""
    try:
        nearest = _nearest_there(folder)
        is_folder = nearest.is_dir()
    except OSError as error:
        detail = f"{folder}: {error.strerror or error}."
        raise UserError(title, detail, "Choose another folder.") from error
    if not is_folder:
        raise UserError(title, f"{nearest} is a file and not a folder.", "Choose another folder.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise UserError(
            title,
            f"The folder {nearest} cannot be written to.",
            "Ask for the right to write, or choose another folder.",
        )


def raise_failed(exported: Exported) -> None:
    """Raise `UserError` where a written file did not pass a check: it must not be shipped."""
    for check in exported.checks:
        if not check.passed:
            file = Path(exported.artifacts[0].path)
            raise UserError(
                f"{file.name} did not pass its check",
                f"{check.title}: {check.detail}",
                f"Do not use {file}; report this with the model.",
            )


def _nearest_there(folder: Path) -> Path:
    nearest = folder.absolute()
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    return nearest
