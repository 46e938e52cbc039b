"""Which variant came from which, and what was changed on the way: the history as a tree.

A variant's parent is the one that it names itself, where that is no mere original; else the
variant whose recipe is the longest beginning of its own; else the first one made of those whose
recipe is its own but for one parameter; else the original.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from tinystudio.core.params import ParamSpec, describe
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.marks import ProjectVariant

Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class Branch:
    """A variant, what was changed to come to it from the one above, and what came of it.

    `change` is e.g. "+ INT8" or "40 → 60 % channels removed"; of a variant that comes from the
    original it is the whole recipe's title.
    """

    item: ProjectVariant
    change: str
    children: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class _Keys:
    """What a recipe is found by: each of its beginnings, and itself without each parameter."""

    steps: int
    beginnings: tuple[Key, ...]  # the shortest first, the whole recipe last
    but_for_one: tuple[Key, ...]


class Lineage:
    """Keeps the keys of recipes met before: a sweep adds one variant to thousands."""

    def __init__(self) -> None:
        self._keys: dict[str, _Keys] = {}
        self._changes: dict[tuple[str, str], str] = {}

    def tree(self, variants: Sequence[ProjectVariant]) -> tuple[Branch, ...]:
        """Return the variants that come from the original, each with what came of it.

        Order among siblings is that of `variants`. The original itself is the trunk, and no
        branch; deleted variants should be left out, and what came of them moves up.
        """
        made = [item for item in variants if not item.is_original]
        parents = self._parents(made)
        below: dict[str | None, list[ProjectVariant]] = {}
        for item in made:
            below.setdefault(parents[item.id], []).append(item)
        by_id = {item.id: item for item in made}
        done: dict[str, Branch] = {}
        # Children before parents, without recursion: a chain may be as long as the list.
        for item in sorted(made, key=lambda item: -_depth(item.id, parents)):
            parent = parents[item.id]
            above = None if parent is None else by_id[parent]
            change = item.variant.recipe.title if above is None else self._change(above, item)
            children = tuple(done[child.id] for child in below.get(item.id, ()))
            done[item.id] = Branch(item, change, children)
        return tuple(done[item.id] for item in below.get(None, ()))

    def _parents(self, made: Sequence[ProjectVariant]) -> dict[str, str | None]:
        whole: dict[Key, str] = {}
        order = {item.id: number for number, item in enumerate(made)}
        keys = {item.id: self._keys_of(item) for item in made}
        for item in made:
            whole.setdefault(keys[item.id].beginnings[-1], item.id)
        first: dict[Key, str] = {}
        parents: dict[str, str | None] = {}
        for item in made:
            mine = keys[item.id]
            named = item.variant.parent
            # Only to shorter recipes and to earlier ones as long: no way leads back to its start.
            if named in keys and (keys[named].steps, order[named]) < (mine.steps, order[item.id]):
                parents[item.id] = named
            else:
                shorter = (whole.get(key) for key in reversed(mine.beginnings[:-1]))
                alike = (first.get(key) for key in mine.but_for_one)
                known = [id for id in shorter if id is not None][:1]
                parents[item.id] = known[0] if known else min(
                    (id for id in alike if id is not None), key=order.__getitem__, default=None
                )  # fmt: skip
            for key in mine.but_for_one:
                first.setdefault(key, item.id)
        return parents

    def _keys_of(self, item: ProjectVariant) -> _Keys:
        found = self._keys.get(item.id)
        if found is None:
            found = self._keys[item.id] = _keys(item.variant.recipe)
        return found

    def _change(self, parent: ProjectVariant, child: ProjectVariant) -> str:
        pair = (parent.id, child.id)
        found = self._changes.get(pair)
        if found is None:
            found = self._changes[pair] = change_words(parent.variant.recipe, child.variant.recipe)
        return found


def change_words(before: Recipe, after: Recipe) -> str:
    """Return what makes one recipe of another, e.g. "+ INT8", "40 → 60 % channels removed"."""
    old, new = before.steps, after.steps
    if len(new) > len(old) and new[: len(old)] == old:
        return " ".join(f"+ {step.part.describe(step.params)}" for step in new[len(old) :])
    if [step.technique for step in old] == [step.technique for step in new]:
        told = [
            words
            for one, other in zip(old, new, strict=True)
            for spec in describe(type(one.params))
            if (words := _difference(spec, one, other))
        ]
        if told:
            return ", ".join(told)
    return after.title


def _difference(spec: ParamSpec, old: Step, new: Step) -> str:
    before, after = getattr(old.params, spec.name), getattr(new.params, spec.name)
    if before == after:
        return ""
    title = spec.title[:1].lower() + spec.title[1:]
    if isinstance(before, dict) or isinstance(after, dict):
        return f"other {title}"
    # The values first: a list that has little room cuts the end.
    return f"{_value(spec, before)} → {_value(spec, after)}{_unit(spec)} {title}"


def _value(spec: ParamSpec, value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    titles = dict(spec.choices)
    if isinstance(value, str):
        return titles.get(value, value).partition(":")[0]
    factor = 100 if spec.unit == "%" and (spec.maximum or 0) <= 1 else 1
    return f"{float(str(value)) * factor:g}"


def _unit(spec: ParamSpec) -> str:
    return f" {spec.unit}" if spec.unit else ""


def _keys(recipe: Recipe) -> _Keys:
    dumped = [step.params.model_dump(mode="json") for step in recipe.steps]
    parts: list[Key] = [
        (step.technique, json.dumps(values, sort_keys=True))
        for step, values in zip(recipe.steps, dumped, strict=True)
    ]
    beginnings = tuple(tuple(parts[:count]) for count in range(1, len(parts) + 1))
    but_for_one: list[Key] = []
    for at, step in enumerate(recipe.steps):
        values = dumped[at]
        for name in values:
            rest = {key: value for key, value in values.items() if key != name}
            text = json.dumps(rest, sort_keys=True)
            but_for_one.append((*parts[:at], (step.technique, name, text), *parts[at + 1 :]))
    return _Keys(len(parts), beginnings, tuple(but_for_one))


def _depth(id: str, parents: dict[str, str | None]) -> int:
    depth, at = 0, parents[id]
    while at is not None:
        depth, at = depth + 1, parents[at]
    return depth


def ids_below(branches: Iterable[Branch]) -> Iterable[str]:
    """Return the ids of all variants of these branches, each before what came of it."""
    waiting = list(branches)[::-1]
    while waiting:
        branch = waiting.pop()
        yield branch.item.id
        waiting += branch.children[::-1]
