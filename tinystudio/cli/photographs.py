"""Has pictures of the real window taken, in a process of its own: the window lives only there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinystudio.core.errors import UserError
from tinystudio.core.program import program

WITHIN_S = 180.0  # a window, two engines and a dozen pictures on a slow computer


@dataclass(frozen=True)
class Picture:
    """One picture: its file, and how the window looks in it."""

    file: Path
    size: str
    theme: str
    view: str

    @classmethod
    def of(cls, folder: Path, size: str, theme: str, view: str) -> Picture:
        """Return a picture with a file name that says what is on it."""
        return cls(folder / f"window-{view}-{theme}-{size}.png", size, theme, view)


def take_pictures(project: Path, pictures: Sequence[Picture]) -> None:
    """Open the window on `project` and write the pictures; needs no display.

    Raises `UserError` where it did not work.
    """
    words = [str(project)]
    for picture in pictures:
        words += ["--shot", str(picture.file), picture.size, picture.theme, picture.view]
    try:
        done = subprocess.run(
            [*program(), "--pictures", *words],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _failure(f"The window was not ready within {WITHIN_S:.0f} s.") from None
    missing = [picture.file.name for picture in pictures if not picture.file.is_file()]
    if done.returncode != 0 or missing:
        said = done.stderr.strip().splitlines()
        last = said[-1] if said else f"It ended with code {done.returncode}"
        raise _failure(f"The window's process says: {last}.")


def _failure(why: str) -> UserError:
    return UserError(
        "The pictures were not taken",
        why,
        "Measurements and model are written all the same; open the project in the window.",
    )
