"""Whose turn it is: the order of jobs that wait, changed without losing any of them."""

from __future__ import annotations

from collections.abc import Sequence


def in_order(there: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return `there` with those that are `wanted` in that order.

    They share the places that they hold; every other one keeps its own, and what is wanted but is
    not there is passed over: it may have begun meanwhile.
    """
    moving = [job for job in dict.fromkeys(wanted) if job in there]
    turn = iter(moving)
    return tuple(next(turn) if job in moving else job for job in there)


def moved(order: Sequence[str], job: str, before: str | None) -> tuple[str, ...]:
    """Return `order` with `job` before another, or last where that is None.

    Where the other one is not in it any more, it has begun: the job is the next one then.
    """
    if job not in order or job == before:
        return tuple(order)
    rest = [item for item in order if item != job]
    place = len(rest) if before is None else rest.index(before) if before in rest else 0
    return (*rest[:place], job, *rest[place:])
