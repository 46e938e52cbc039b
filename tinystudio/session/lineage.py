"""Which variant came from which, and what was changed on the way: the history as a tree.

A variant's parent is the one that it names itself, where that is no mere original; else the
variant whose recipe is the longest beginning of its own; else the first one made of those whose
recipe is its own but for one parameter; else the original.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tinystudio.core.params import ParamSpec, describe
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.marks import ProjectVariant

Key = tuple[Hashable, ...]
Values = tuple[tuple[str, Hashable], ...]


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
    """What a recipe is found by: each of its beginnings, and itself without each parameter.

    As numbers, one for each that is different: they are compared for every variant at every change.
    """

    steps: int
    beginnings: tuple[int, ...]  # the shortest first, the whole recipe last
    but_for_one: tuple[int, ...]


@dataclass
class _Known:
    """What is known of variants in a row: their order and parents, and what those are found by."""

    order: dict[str, int] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    whole: dict[int, str] = field(default_factory=dict)  # the first of each recipe
    first: dict[int, str] = field(default_factory=dict)  # the first of each but for a parameter
    beginnings: set[int] = field(default_factory=set)  # of longer recipes
    named: set[str] = field(default_factory=set)  # as parents


class Lineage:
    """Keeps the keys of recipes met before: a sweep adds one variant to thousands."""

    def __init__(self) -> None:
        self._keys: dict[str, _Keys] = {}
        self._numbers: dict[Key, int] = {}
        self._known = _Known()
        self._changes: dict[tuple[str, str], str] = {}

    def tree(self, variants: Sequence[ProjectVariant]) -> tuple[Branch, ...]:
        """Return the variants that come from the original, each with what came of it.

        Order among siblings is that of `variants`. The original itself is the trunk, and no
        branch; deleted variants should be left out, and what came of them moves up.
        """
        made = [item for item in variants if not item.is_original]
        parents = self.parents(made)
        below: dict[str | None, list[ProjectVariant]] = {}
        for item in made:
            below.setdefault(parents[item.id], []).append(item)
        by_id = {item.id: item for item in made}
        done: dict[str, Branch] = {}
        # Children before parents, without recursion: a chain may be as long as the list.
        for item in sorted(made, key=lambda item: -_depth(item.id, parents)):
            parent = parents[item.id]
            above = None if parent is None else by_id[parent]
            change = item.variant.recipe.title if above is None else self.change(above, item)
            children = tuple(done[child.id] for child in below.get(item.id, ()))
            done[item.id] = Branch(item, change, children)
        return tuple(done[item.id] for item in below.get(None, ()))

    def parents(self, made: Sequence[ProjectVariant]) -> Mapping[str, str | None]:
        """Return which of them each comes from, by id; None: from the original, which is not one.

        No way along the parents leads back to its start. Where variants have only been added at
        the end, and none of those before can come from them, only the new ones are looked at.
        """
        ids = [item.id for item in made]
        known = self._known
        if ids[: len(known.order)] != list(known.order) or any(
            self._may_be_above(item, known) for item in made[len(known.order) :]
        ):
            known = self._known = _Known()
        new = made[len(known.order) :]
        known.order |= {item.id: number for number, item in enumerate(new, len(known.order))}
        for item in new:
            mine = self._keys_of(item)
            known.whole.setdefault(mine.beginnings[-1], item.id)
            known.beginnings.update(mine.beginnings[:-1])
            if item.variant.parent is not None:
                known.named.add(item.variant.parent)
        for item in new:
            known.parents[item.id] = self._parent_of(item, known)
            for key in self._keys[item.id].but_for_one:
                known.first.setdefault(key, item.id)
        return known.parents

    def _may_be_above(self, item: ProjectVariant, known: _Known) -> bool:
        """Say whether one of those before may come from a new one."""
        return item.id in known.named or self._keys_of(item).beginnings[-1] in known.beginnings

    def _parent_of(self, item: ProjectVariant, known: _Known) -> str | None:
        mine, order, named = self._keys[item.id], known.order, item.variant.parent
        # Only to shorter recipes and to earlier ones as long.
        if named in order and (self._keys[named].steps, order[named]) < (
            mine.steps,
            order[item.id],
        ):
            return named
        for key in reversed(mine.beginnings[:-1]):
            if key in known.whole:
                return known.whole[key]
        alike = (known.first.get(key) for key in mine.but_for_one)
        return min((id for id in alike if id is not None), key=order.__getitem__, default=None)

    def _keys_of(self, item: ProjectVariant) -> _Keys:
        found = self._keys.get(item.id)
        if found is None:
            found = self._keys[item.id] = self._make_keys(item.variant.recipe)
        return found

    def _make_keys(self, recipe: Recipe) -> _Keys:
        known = self._numbers
        parts: list[int] = []
        but_for_one: list[tuple[int, int]] = []  # which step, and all of it but a parameter
        for at, step in enumerate(recipe.steps):
            values = _values(step)
            own = (step.technique, *(known.setdefault(value, len(known)) for value in values))
            parts.append(known.setdefault(own, len(known)))
            for n, (name, _) in enumerate(values, 1):
                rest = (step.technique, name, *own[:n], *own[n + 1 :])
                but_for_one.append((at, known.setdefault(rest, len(known))))
        if len(parts) == 1:  # most are, and its keys say all
            return _Keys(1, tuple(parts), tuple(rest for _, rest in but_for_one))
        beginnings = (tuple(parts[:count]) if count > 1 else parts[0]
                      for count in range(1, len(parts) + 1))  # fmt: skip
        others = ((at, *parts[:at], rest, *parts[at + 1 :]) for at, rest in but_for_one)
        return _Keys(
            len(parts), tuple(map(self._number, beginnings)), tuple(map(self._number, others))
        )

    def _number(self, key: int | Key) -> int:
        return key if isinstance(key, int) else self._numbers.setdefault(key, len(self._numbers))

    def change(self, parent: ProjectVariant, child: ProjectVariant) -> str:
        """Return in words what was changed to come from one to the other."""
        pair = (parent.id, child.id)
        found = self._changes.get(pair)
        if found is None:
            found = self._changes[pair] = change_words(parent.variant.recipe, child.variant.recipe)
        return found


def change_words(before: Recipe, after: Recipe) -> str:
    """Return what makes one recipe of another, e.g. "+ INT8", "40 → 60 % channels removed"."""
    old, new = before.steps, after.steps
    if added := added_words(before, after):
        return added
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


def added_words(before: Recipe, after: Recipe) -> str:
    """Return what is added to a recipe that the other begins with, e.g. "+ INT8"; else ""."""
    old, new = before.steps, after.steps
    if len(new) <= len(old) or new[: len(old)] != old:
        return ""
    return " ".join(f"+ {step.part.describe(step.params)}" for step in new[len(old) :])


def _difference(spec: ParamSpec, old: Step, new: Step) -> str:
    before, after = getattr(old.params, spec.name), getattr(new.params, spec.name)
    if before == after:
        return ""
    control = new.part.control
    if control is not None and (control.param, control.value) == (spec.name, after):
        return f"{control.title} control"
    title = spec.title[:1].lower() + spec.title[1:]
    if isinstance(before, dict) or isinstance(after, dict):
        return f"other {title}"
    if isinstance(after, str):  # what is new first: a list that has little room cuts the end
        return f"{_value(spec, after)} instead of {_value(spec, before)}: {title}"
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


def _values(step: Step) -> Values:
    """Return a step's parameters by name; what cannot be compared quickly as text."""
    values = tuple(vars(step.params).items())
    try:
        hash(values)
    except TypeError:
        dumped = step.params.model_dump(mode="json")
        return tuple((name, json.dumps(value, sort_keys=True)) for name, value in dumped.items())
    return values


def _depth(id: str, parents: Mapping[str, str | None]) -> int:
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
