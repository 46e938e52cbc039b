"""The rows of variants in the model browser: many, so that each works out its words when asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.gui.browser_rows import Row
from tinystudio.session.lineage import Lineage, added_words
from tinystudio.session.marks import ProjectVariant

STALE = "stale · "  # before figures of a file that is another one now
BATCH = 1_500  # new variants in one turn of the event loop: about 50 ms


class VariantRow(Row):
    """One variant, e.g. "channels −40 %, INT8" over "87.9 % · 71 kB · 4.1× faster".

    A row is another one where anything of it or below it is: rows are compared by identity.
    """

    item: ProjectVariant
    above: ProjectVariant | None  # what it came from, where that is not the original
    comes_later: bool  # neither it was kept nor anything that came of it

    def __init__(
        self,
        item: ProjectVariant,
        above: ProjectVariant | None,
        children: tuple[VariantRow, ...],
        lineage: Lineage,
    ) -> None:
        mark = item.mark
        comes_later = not mark.kept and all(child.comes_later for child in children)
        vars(self).update(
            key=f"variant:{item.id}", kind="variant", reference=item.id, item=item, above=above,
            children=children, kept=mark.kept, mark=mark, comes_later=comes_later, lineage=lineage,
            is_open=False, is_faint=False,
        )  # fmt: skip

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @cached_property
    def title(self) -> str:
        """Return the name the user gave, or the recipe in a few words."""
        return self.item.title

    @cached_property
    def change(self) -> str:
        """Return what makes this variant of the one above."""
        lineage: Lineage = vars(self)["lineage"]
        return "" if self.above is None else lineage.change(self.above, self.item)

    @cached_property
    def added(self) -> str:
        """Return what it adds to the one above; nothing where it is not that one gone on with."""
        if self.above is None:
            return ""
        return added_words(self.above.variant.recipe, self.item.variant.recipe)

    @cached_property
    def detail(self) -> str:
        """Return figures and tags."""
        stale = STALE if self.item.is_outdated else ""
        tags = "".join(f" · #{tag}" for tag in self.item.mark.tags)
        return f"{stale}{variant_detail(self.item.measurement)}{tags}"

    @property
    def has_detail(self) -> bool:
        """Say whether there is a second line, without working it out."""
        figures = self.item.measurement
        known = (figures.score, figures.size_bytes, figures.latency_ratio)
        return self.item.is_outdated or bool(self.item.mark.tags) or known != (None, None, None)

    @cached_property
    def tooltip(self) -> str:
        """Return what a resting pointer is told, one fact a line."""
        item = self.item
        lines: Iterable[str] = (
            item.title,
            "" if self.above is None else f"from “{self.above.title}”: {self.change}",
            wording.tie_sentence(item.measurement).text,
            wording.speed_change(item.measurement).text,
            item.measurement.verdict_reason,
            *item.measurement.warnings,
            item.mark.note,
        )
        return "\n".join(line for line in lines if line)

    @cached_property
    def marks(self) -> str:
        """Return the signs for the user's marks."""
        return wording.marks_text(self.item.mark.starred, self.item.mark.kept)


class VariantRows:
    """Keeps the rows of variants that have not changed: a sweep adds one to thousands.

    Of very many new ones only so many are taken in at a time; `has_more` says that there are more,
    and the same question again brings them.
    """

    def __init__(self) -> None:
        self._rows: dict[str, VariantRow] = {}
        self._lineage = Lineage()
        self._made: list[ProjectVariant] = []
        self._items: dict[str, ProjectVariant] = {}
        self._parents: Mapping[str, str | None] = {}
        self._below: dict[str | None, list[str]] = {}
        self._answer: tuple[VariantRow, ...] = ()
        self.has_more = False

    def of(self, variants: Sequence[ProjectVariant]) -> tuple[VariantRow, ...]:
        """Return the variants' rows, each with what came of it below.

        Of siblings those come first that were kept, or of which something was, then the rest in
        order of making. The original has none, since it is the row above.
        """
        made = self._taken_in(variants)
        before, self._made = self._made, made
        changed = [item for item, old in zip(made, before, strict=False) if item is not old]
        changed += made[len(before) :]
        if not changed and len(made) == len(before):
            return self._answer
        parents = self._lineage.parents(made)
        is_more = parents is self._parents and len(made) >= len(before)
        self._parents = parents
        if not is_more:
            self._rows, self._below, changed = self._forgotten(made), {}, made
        for item in changed:
            if item.id not in self._items:
                self._below.setdefault(parents[item.id], []).append(item.id)
            self._items[item.id] = item
        for id in self._from_below(changed):
            self._rows[id] = self._row(id)
        self._answer = self._sorted(None)
        return self._answer

    def _forgotten(self, made: Sequence[ProjectVariant]) -> dict[str, VariantRow]:
        """Begin anew, and keep the rows that may stay as they are."""
        self._items = {}
        there = {item.id for item in made}
        return {id: row for id, row in self._rows.items() if id in there}

    def _taken_in(self, variants: Sequence[ProjectVariant]) -> list[ProjectVariant]:
        made = [item for item in variants if not item.is_original and not item.mark.deleted]
        new = [at for at, item in enumerate(made) if item.id not in self._rows]
        self.has_more = len(new) > BATCH
        return made[: new[BATCH]] if self.has_more else made

    def _from_below(self, changed: Sequence[ProjectVariant]) -> list[str]:
        """Return the ids of these and of all that they came of, none before what came of it."""
        depths: dict[str, int] = {}
        for item in changed:
            way: list[str] = []
            at: str | None = item.id
            while at is not None and at not in depths:
                way.append(at)
                at = self._parents[at]
            depth = -1 if at is None else depths[at]
            for id in reversed(way):
                depth += 1
                depths[id] = depth
        return sorted(depths, key=depths.__getitem__, reverse=True)

    def _row(self, id: str) -> VariantRow:
        item, parent, children = self._items[id], self._parents[id], self._sorted(id)
        above = None if parent is None else self._items[parent]
        known = self._rows.get(id)
        if known is None or known.item is not item or known.above is not above:
            return VariantRow(item, above, children, self._lineage)
        is_same = known.children == children
        return known if is_same else VariantRow(item, above, children, self._lineage)

    def _sorted(self, parent: str | None) -> tuple[VariantRow, ...]:
        rows = [self._rows[id] for id in self._below.get(parent, ())]
        return tuple(sorted(rows, key=_kept_first))


_kept_first = attrgetter("comes_later")


def variant_detail(measurement: Measurement) -> str:
    """Return a variant's second line, e.g. "91.0 % · 26 kB · 1.5× faster", as far as known."""
    parts: list[str] = []
    if measurement.score is not None:
        parts.append(wording.score_text(measurement))
    if measurement.size_bytes is not None:
        parts.append(wording.size_text(measurement.size_bytes))
    speed = wording.speed_change(measurement)
    if speed.tone is not wording.Tone.MUTED:
        parts.append(speed.text)
    return " · ".join(parts)
