"""Looks at what a command is to write: the place before the work, the checks after it."""

from __future__ import annotations

import os
from pathlib import Path

from tinystudio.core.errors import UserError
from tinystudio.jobs.events import Exported


def check_output(output: Path) -> None:
    """Raise `UserError` where no file can be written at `output`; nothing is made or changed."""
    if output.is_dir():
        raise UserError(
            f"{output.name} was not written",
            f"{output} is a folder.",
            "Name a file, such as model.onnx.",
        )
    check_folder(output.parent, f"{output.name} was not written")


def check_folder(folder: Path, title: str) -> None:
    """Raise `UserError` with this title where `folder` is no folder to write to, nor can be."""
    nearest = folder.absolute()
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
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
