"""Advice: what could be better, what to do, and why. One file each; from measurements only."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from tinystudio.advice.adviser import Advice, Adviser
from tinystudio.advice.facts import Facts
from tinystudio.core.catalogue import find_parts


@cache
def advisers() -> tuple[Adviser, ...]:
    """Return every adviser, those first whose advice the others' depends on."""
    found = find_parts(__name__, Adviser)  # type: ignore[type-abstract]  # a class, maybe abstract
    return tuple(sorted(found, key=lambda adviser: adviser.place))


def advise(facts: Facts, dismissed: Iterable[str] = ()) -> tuple[Advice, ...]:
    """Return what there is to advise, without what the user has dismissed."""
    told = (adviser.look(facts) for adviser in advisers())
    gone = set(dismissed)
    return tuple(advice for advice in told if advice is not None and advice.key not in gone)
