"""What every export target is: it writes a network where something else can run it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from tinystudio.core.data import Preprocessing
from tinystudio.core.measurement import Measurement
from tinystudio.core.params import Params
from tinystudio.graph.network import Network

P = TypeVar("P", bound=Params)


@dataclass(frozen=True)
class Subject:
    """What is exported: the network as it was measured, and what goes with it."""

    network: Network
    title: str
    recipe_json: str
    classes: tuple[str, ...] = ()
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    licence: str = ""
    judged: str = ""  # the output that labels are of; empty: the first
    measurements: tuple[tuple[str, Measurement], ...] = ()  # (title, figures), for tables


class Exporter(ABC, Generic[P]):
    """One target. A subclass's docstring tells what it is good for."""

    id: ClassVar[str]
    title: ClassVar[str]
    suffix: ClassVar[str]
    params: type[P]
    runs_here: ClassVar[bool] = True  # the written file can be reopened, checked and timed

    @property
    def help(self) -> str:
        """Return what the target is good for."""
        return (type(self).__doc__ or "").strip()

    def unavailable_reason(self) -> str | None:
        """Return why this target cannot be used here and what would enable it, or None."""
        return None

    @abstractmethod
    def write(self, subject: Subject, params: P, output: Path) -> tuple[Path, ...]:
        """Write to `output` (whole or not at all) and return every file written."""
