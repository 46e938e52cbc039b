"""Says in a few words how one recipe became another, for undo and redo."""

from __future__ import annotations

from tinystudio.core.params import describe
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.off_steps import OffStep

Off = tuple[OffStep, ...]


def edit_words(before: tuple[Recipe, Off], after: tuple[Recipe, Off]) -> str:
    """Return what an edit did, turning steps off and on included: "Turn off Channel pruning"."""
    (old, old_off), (new, new_off) = before, after
    if len(new_off) > len(old_off) and len(new.steps) < len(old.steps):
        return f"Turn off {_first_extra(old.steps, new.steps).part.title}"
    if len(new_off) < len(old_off) and len(new.steps) > len(old.steps):
        return f"Turn on {_first_extra(new.steps, old.steps).part.title}"
    return "Change what is turned off" if new == old else recipe_change(old, new)


def recipe_change(before: Recipe, after: Recipe) -> str:
    """Return e.g. "Add Channel pruning", "Change Channels removed", "Move Static INT8"."""
    old, new = before.steps, after.steps
    if not new:
        return "Empty the recipe"
    if len(new) > len(old):
        return f"Add {_first_extra(new, old).part.title}"
    if len(new) < len(old):
        return f"Remove {_first_extra(old, new).part.title}"
    if [step.technique for step in old] != [step.technique for step in new]:
        return "Reorder the recipe"
    return _changed_parameter(old, new)


def merge_key(before: Recipe, after: Recipe) -> str:
    """Return a key that is the same for edits of the same parameter of the same step."""
    changed = [i for i, (a, b) in enumerate(zip(before.steps, after.steps, strict=False)) if a != b]
    return f"{changed}{recipe_change(before, after)}"


def _first_extra(longer: tuple[Step, ...], shorter: tuple[Step, ...]) -> Step:
    for index, step in enumerate(shorter):
        if longer[index] != step:
            return longer[index]
    return longer[len(shorter)]


def _changed_parameter(old: tuple[Step, ...], new: tuple[Step, ...]) -> str:
    names = [
        spec.title
        for before, after in zip(old, new, strict=True)
        for spec in describe(type(after.params))
        if getattr(before.params, spec.name) != getattr(after.params, spec.name)
    ]
    return f"Change {names[0]}" if len(names) == 1 else "Change the recipe"
