"""The models at hand, to choose one of: gallery, own files, kept variants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tinystudio.gallery import PREFIX, gallery
from tinystudio.gui.shown import network_title
from tinystudio.session.session import Session

SUFFIX = ".onnx"


@dataclass(frozen=True)
class ModelChoice:
    """A model by what it is referred to (a path, or gallery:TASK), and its title."""

    reference: str
    title: str


def model_choices(session: Session, recent: Iterable[str]) -> tuple[ModelChoice, ...]:
    """Return what the browser lists and what was opened lately, but for the open model itself."""
    tasks = (f"{PREFIX}{id}" for id in gallery())
    files = (name for name in (*session.networks, *recent) if name.endswith(SUFFIX))
    networks = [
        ModelChoice(name, network_title(name))
        for name in dict.fromkeys((*tasks, *files))
        if name != session.network
    ]
    kept = (
        ModelChoice(str(file), item.title)
        for item in session.variants()
        if item.mark.kept and (file := session.project.artifact(item.variant)) is not None
    )
    return (*networks, *kept)
