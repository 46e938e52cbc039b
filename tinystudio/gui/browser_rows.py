"""What the model browser lists: areas, tasks, own models and variants as plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tinystudio.core.measurement import Measurement
from tinystudio.gallery.task import AREAS
from tinystudio.gui import wording
from tinystudio.gui.texts import tr
from tinystudio.jobs.inspection import Inspection
from tinystudio.session.lineage import Branch, Lineage
from tinystudio.session.marks import Mark, ProjectVariant

RowKind = Literal["area", "network", "variant"]
MY_MODELS = "My models"
STALE = "stale · "  # before figures of a file that is another one now


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
    change: str = ""  # what makes this variant of the one above; stands in the title's place
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


class VariantRows:
    """Keeps the rows of variants that have not changed: a sweep adds one to hundreds."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[ProjectVariant, Row]] = {}
        self._lineage = Lineage()

    def of(self, variants: Sequence[ProjectVariant]) -> tuple[Row, ...]:
        """Return the variants' rows, each with what came of it below.

        Of siblings those come first that were kept, or of which something was, then the rest in
        order of making. The original has none, since it is the row above.
        """
        made = [item for item in variants if not item.is_original and not item.mark.deleted]
        return self._of_branches(self._lineage.tree(made), is_nested=False)

    def _of_branches(self, branches: Sequence[Branch], is_nested: bool) -> tuple[Row, ...]:
        rows = [self._row(branch, is_nested) for branch in branches]
        return tuple(sorted(rows, key=lambda row: not _holds_kept(row)))

    def _row(self, branch: Branch, is_nested: bool) -> Row:
        item, children = branch.item, self._of_branches(branch.children, is_nested=True)
        known = self._rows.get(item.id)
        row = variant_row(item) if known is None or known[0] is not item else known[1]
        change = branch.change if is_nested else ""
        if (row.change, row.children) != (change, children):
            row = replace(row, change=change, children=children)
        self._rows[item.id] = (item, row)
        return row


def _holds_kept(row: Row) -> bool:
    return row.kept or any(map(_holds_kept, row.children))


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


def variant_row(item: ProjectVariant) -> Row:
    """Return a variant's row, e.g. "channels −40 %, INT8" over "87.9 % · 71 kB · 4.1× faster"."""
    return Row(
        key=f"variant:{item.id}",
        kind="variant",
        reference=item.id,
        title=item.title,
        detail=_second_line(item),
        tooltip=variant_tooltip(item),
        kept=item.mark.kept,
        marks=wording.marks_text(item.mark.starred, item.mark.kept),
        mark=item.mark,
    )


def _second_line(item: ProjectVariant) -> str:
    figures = variant_detail(item.measurement)
    stale = STALE if item.is_outdated else ""
    tags = "".join(f" · #{tag}" for tag in item.mark.tags)
    return f"{stale}{figures}{tags}"


def variant_detail(measurement: Measurement) -> str:
    """Return a variant's second line: accuracy, size, speed, as far as they are known."""
    parts: list[str] = []
    if measurement.score is not None:
        parts.append(wording.score_text(measurement))
    if measurement.size_bytes is not None:
        parts.append(wording.size_text(measurement.size_bytes))
    speed = wording.speed_change(measurement)
    if speed.tone is not wording.Tone.MUTED:
        parts.append(speed.text)
    return " · ".join(parts)


def variant_tooltip(item: ProjectVariant) -> str:
    """Return what a resting pointer is told about a variant, one fact a line."""
    lines: Iterable[str] = (
        item.title,
        wording.tie_sentence(item.measurement).text,
        item.measurement.verdict_reason,
        *item.measurement.warnings,
        item.mark.note,
    )
    return "\n".join(line for line in lines if line)
