"""What the model browser lists: areas, tasks, own models and variants as plain rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from tinystudio.core.measurement import Measurement
from tinystudio.gallery.task import AREAS
from tinystudio.gui import wording
from tinystudio.gui.texts import tr
from tinystudio.jobs.inspection import Inspection
from tinystudio.session.marks import Mark
from tinystudio.session.searching import searched_text

RowKind = Literal["area", "network", "variant"]
MY_MODELS = "My models"


@dataclass(frozen=True)
class Row:
    """One row: what it is (`kind`, `key` unique in the tree), its two lines, its children.

    `reference` is what the row opens: a network's path or gallery:TASK, or a variant's id.
    """

    key: str
    kind: RowKind
    reference: str
    title: str
    detail: str = ""
    tooltip: str = ""
    kept: bool = False
    marks: str = ""
    change: str = ""  # what makes this variant of the one above
    added: str = ""  # the same where its recipe goes on from there; stands in the title's place
    mark: Mark | None = None  # the user's, on a variant
    is_open: bool = False
    is_faint: bool = False  # cannot be had now
    children: tuple[Row, ...] = ()

    @property
    def shown_title(self) -> str:
        """Return the title in the user's language: a name of the user's own as it is."""
        is_file = self.kind == "network" and not self.reference.startswith("gallery:")
        is_named = self.mark is not None and bool(self.mark.name)
        return self.title if is_file or is_named else tr(self.title)

    @property
    def has_detail(self) -> bool:
        """Say whether there is a second line."""
        return bool(self.detail)

    @cached_property
    def searched(self) -> str:
        """Return all that a search looks through."""
        return searched_text(f"{self.title} {self.change} {self.detail}", self.mark)


@dataclass(frozen=True)
class TaskEntry:
    """What the browser knows about a gallery task before it is opened."""

    reference: str
    title: str
    area: str
    about: str


@dataclass(frozen=True)
class OpenNetwork:
    """The network that is open, as far as it is known."""

    reference: str
    inspection: Inspection | None = None
    original: Measurement | None = None


def browser_rows(
    tasks: Sequence[TaskEntry],
    own: Sequence[str],
    opened: OpenNetwork | None,
    variants: Sequence[Row],
    known: Mapping[str, str],
) -> tuple[Row, ...]:
    """Return the whole tree.

    `variants` are the rows below the open network, `known` the second lines of networks met before.
    """

    def network(reference: str, title: str, about: str) -> Row:
        here = opened is not None and opened.reference == reference
        detail = network_detail(opened) if opened is not None and here else ""
        children = tuple(variants) if here else ()
        second = detail or known.get(reference, "")
        return Row(f"network:{reference}", "network", reference, title, second, about,
                   is_open=here, children=children)  # fmt: skip

    areas = [
        Row(f"area:{area}", "area", area, area,
            children=tuple(network(t.reference, t.title, t.about) for t in tasks if t.area == area))
        for area in areas_of(tasks)
    ]  # fmt: skip
    files = tuple(network(path, Path(path).stem, path) for path in own)
    mine = Row(f"area:{MY_MODELS}", "area", MY_MODELS, MY_MODELS, children=files,
               tooltip="Models opened from files. Drop an .onnx file here to add one.")  # fmt: skip
    return (*areas, mine)


def areas_of(tasks: Sequence[TaskEntry]) -> list[str]:
    """Return the areas that have a task, in the order of the browser."""
    there = dict.fromkeys(task.area for task in tasks)
    return [*(area for area in AREAS if area in there), *sorted(there.keys() - set(AREAS))]


def network_detail(opened: OpenNetwork) -> str:
    """Return a network's second line, e.g. "176 k parameters · 88.4 % ± 2.4"."""
    parts = []
    if opened.inspection is not None:
        parts.append(f"{wording.count_text(opened.inspection.parameters)} parameters")
    if opened.original is not None and opened.original.score is not None:
        score = wording.score_text(opened.original)
        parts.append(f"{score} {wording.score_spread_text(opened.original)}".strip())
    return " · ".join(parts)
