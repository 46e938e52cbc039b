"""What a user edits, with undo: recipe, marks, limits, baseline, imported figures, advice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tinystudio.core.params import Value
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.board import Board, Change
from tinystudio.session.device_points import DevicePoint, merged
from tinystudio.session.draft import Draft, limits_words
from tinystudio.session.front import Limits
from tinystudio.session.marks import Mark
from tinystudio.session.off_steps import OffStep
from tinystudio.session.records import Marked, Record

Tags = tuple[str, ...]


class Editing(Board):
    """The middle layer of a session: what can be taken back."""

    def edit(
        self,
        recipe: Recipe,
        text: str,
        merge: str | None = None,
        off_steps: tuple[OffStep, ...] = (),
    ) -> None:
        """Make `recipe` the edited one; edits in a row with the same `merge` undo as one.

        `off_steps` are turned off beside it: another recipe has none of its own.
        """
        self._change(text, merge, recipe=recipe, off_steps=off_steps)
        self._tell(Change.RECIPE)

    def _change(self, text: str, merge: str | None = None, **values: Any) -> None:
        """Give fields of the draft other values, as a step of undo that is called `text`."""
        self._history.change(replace(self._history.present, **values), text, merge)
        self._keep_state(**values)

    def set_parameter(self, index: int, name: str, value: Value, dragging: bool = False) -> None:
        """Change one parameter of one step. A drag is one step of undo; see `end_drag`."""
        step = self.recipe.steps[index].replace(**{name: value})
        merge = f"{index}.{name}" if dragging else None
        self.edit(self.recipe.with_step(index, step), f"Change {name}", merge, self.off_steps)

    def end_drag(self) -> None:
        """Let the next change be a step of undo of its own."""
        self._history.stop_merging()

    def add_step(self, technique: str, **values: Value) -> None:
        """Put a technique at the recipe's end, with its defaults where nothing is said."""
        step = Step.of(technique, **values)
        text = f"Add {step.part.title}"
        self.edit(self.recipe.with_added(step), text, off_steps=self.off_steps)

    def remove_step(self, index: int) -> None:
        """Take a technique out of the recipe."""
        text = f"Remove {self.recipe.steps[index].part.title}"
        self.edit(self.recipe.without_step(index), text, off_steps=self.off_steps)

    def move_step(self, index: int, to: int) -> None:
        """Move a technique within the recipe."""
        text = f"Move {self.recipe.steps[index].part.title}"
        self.edit(self.recipe.with_moved(index, to), text, off_steps=self.off_steps)

    @property
    def undo_text(self) -> str | None:
        """Return what undo would take back, or None where there is nothing."""
        return self._history.undo_text

    @property
    def redo_text(self) -> str | None:
        """Return what redo would do again, or None where there is nothing."""
        return self._history.redo_text

    def undo(self) -> None:
        """Take back the last edit of recipe or marks."""
        self._travel(self._history.undo)

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._travel(self._history.redo)

    def _travel(self, move: Callable[[], bool]) -> None:
        before = self._history.present
        if not move():
            return
        now = self._history.present
        self._keep_state(**now.state)
        self._save(_differences(before, now))
        if now.limits != before.limits:
            self._tell(Change.LIMITS)
        if now.place == before.place:
            self._tell(Change.RECIPE, Change.VARIANTS)
        else:
            self._arrive()

    def _arrive(self) -> None:
        """Leave what was known of the network and data that were open before."""
        self._keep_state(selected=None)
        self.preview = None
        self.exploration.forget()
        self._tell(
            Change.NETWORK, Change.RECIPE, Change.VARIANTS, Change.SELECTION, Change.DATABASE
        )

    def set_limits(self, limits: Limits) -> None:
        """Draw other limits."""
        self._change(limits_words(self.limits, limits), limits=limits)
        self._tell(Change.LIMITS, Change.RECIPE)

    def set_baseline(self, variant: str | None) -> None:
        """Show changes and verdicts against this variant; None: against the original."""
        found = self.variant(variant) if variant else None
        chosen = None if found is None or found.is_original else found.id
        text = "Compare with the original" if found is None else f"Compare with {found.title}"
        self._change(text, baseline=chosen)
        self._tell(Change.VARIANTS, Change.RECIPE)

    def add_device_points(self, points: tuple[DevicePoint, ...]) -> None:
        """Take in what was measured on another device."""
        self._keep_device_points(merged(self._history.present.device_points, points), "Import")

    def remove_device_points(self) -> None:
        """Take out all that was measured on other devices."""
        self._keep_device_points((), "Remove")

    def _keep_device_points(self, points: tuple[DevicePoint, ...], verb: str) -> None:
        self._check_writable("No figures were taken in")
        self._change(f"{verb} figures of other devices", device_points=points)
        self._tell(Change.VARIANTS, Change.RECIPE)

    def rename(self, variant: str, name: str) -> None:
        """Give a variant a name of the user's own; an empty one brings back the recipe's."""
        self._mark(variant, text="Rename", name=name.strip())

    def star(self, variant: str, starred: bool = True) -> None:
        """Put a star on a variant, or take it off."""
        self._mark(variant, text="Star" if starred else "Remove star", starred=starred)

    def annotate(self, variant: str, note: str, typing: bool = False) -> None:
        """Write a note on a variant. What is typed in one go is one step of undo."""
        self._mark(variant, text="Note", merge=f"note.{variant}" if typing else None, note=note)

    def tag(self, variant: str, tags: tuple[str, ...], typing: bool = False) -> None:
        """Put tags on a variant, in place of those that it had."""
        self._mark(variant, text="Tag", merge=f"tag.{variant}" if typing else None, tags=tags)

    def dismiss(self, advice: str) -> None:
        """Remember that the user does not want to see an advice (its key) again."""
        if advice not in self.state.dismissed:
            self._change("Dismiss advice", dismissed=(*self.state.dismissed, advice))
            self._tell(Change.RECIPE)

    def recall_dismissed(self) -> None:
        """Let all advice be seen again."""
        self._change("Show all advice again", dismissed=())
        self._tell(Change.RECIPE)

    def delete(self, variant: str) -> None:
        """Take a variant out of the lists; undo brings it back. The original stays."""
        found = self.variant(variant)
        if found is None or found.is_original:
            return
        self._mark(variant, text="Delete", deleted=True)
        if self.state.selected == variant:
            self.select(None)

    def undelete(self, variant: str) -> None:
        """Put a deleted variant back into the lists."""
        if dict(self._history.present.marks).get(variant, Mark()).deleted:
            self._mark(variant, text="Bring back", deleted=False)

    def _mark(
        self, variant: str, text: str, merge: str | None = None, **values: bool | str | Tags
    ) -> None:
        self._check_writable("Nothing was noted")
        marks = dict(self._history.present.marks)
        known = marks.get(variant, Mark())
        marks[variant] = known.model_copy(update=values)
        if marks[variant] == known:
            return  # a step of undo that takes nothing back would be a puzzle
        before = self._history.present
        self._history.change(replace(before, marks=tuple(marks.items())), text, merge)
        self._save(_differences(before, self._history.present))
        self._tell(Change.VARIANTS, Change.RECIPE)


def _differences(before: Draft, after: Draft) -> tuple[Record, ...]:
    old, new = dict(before.marks), dict(after.marks)
    ids = dict.fromkeys((*old, *new))
    return tuple(Marked(id, new.get(id, Mark())) for id in ids if old.get(id) != new.get(id))
