"""What a network is fed when one call of it is timed or weighed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.graph.shapes import is_batch_name
from tinystudio.measure.running import (
    FIRST_CALL_S,
    Inlet,
    Session,
    batch_size,
    feed,
    inlets,
    open_session,
    run,
)

# Tried for sizes that the graph leaves open, the batch apart: a small picture, a sentence, a
# window of sound; models of which all of these are too many or too few run with one of the rest.
OPEN_SIZES = (32, 64, 128, 256, 512, 1024, 4096, 16_000, 16, 8, 4, 2, 1)
MOST_NUMBERS = 2**22  # in one made-up input: a photograph has no more
NEED_DATA = "Give data that it was made for (--data): made-up inputs do not fit it."


def one_call(data: bytes, samples: Samples | None, seed: int) -> dict[str, Array]:
    """Return the inputs of one call: the first sample, or as many as the graph's batch fixes.

    Without samples they are random numbers of the shape that the network wants, and zeros where
    whole numbers are wanted, which may be indices. Yes and no are yes: masks then leave all in.
    An open batch is 1; other open sizes are the first of `OPEN_SIZES` with which the network runs.
    Raises `UserError` where it runs with none.
    """
    session = open_session(data)
    wanted = inlets(session)
    if samples is not None:
        return feed(wanted, samples, 0, batch_size(wanted, samples, 1))
    if not any(_open_axes(inlet) for inlet in wanted):
        return _made_up(wanted, 1, seed, last_only=False)
    return _first_that_runs(session, wanted, seed)


def made_up_words(data: bytes, fed: dict[str, Array]) -> str | None:
    """Say of what sizes made-up inputs are where the graph leaves that open; else None."""
    wanted = inlets(open_session(data))
    if not any(_open_axes(inlet) for inlet in wanted):
        return None
    told = [f"{name} {' x '.join(map(str, fed[name].shape)) or 'one number'}" for name in fed]
    return f"The model leaves sizes open; measured with made-up inputs: {', '.join(told)}."


def _first_that_runs(session: Session, wanted: Sequence[Inlet], seed: int) -> dict[str, Array]:
    why: UserError | None = None
    for fed in _candidates(wanted, seed):
        try:
            run(session, None, fed, FIRST_CALL_S)
        except UserError as error:
            why = why or error
        else:
            return fed
    assert why is not None  # there are candidates
    raise UserError(why.title, why.detail, NEED_DATA)


def _candidates(wanted: Sequence[Inlet], seed: int) -> Iterator[dict[str, Array]]:
    """Yield inputs whose open sizes are all the same, then ones of which only the last is open.

    An open axis in the middle is often a batch that has no name (the state of a recurrence).
    """
    for size in OPEN_SIZES:
        for last_only in (False, True):
            shapes = [_shape(inlet, size, last_only=last_only) for inlet in wanted]
            if max(map(prod, shapes)) <= MOST_NUMBERS or size == 1:
                yield _made_up(wanted, size, seed, last_only=last_only)


def _made_up(wanted: Sequence[Inlet], size: int, seed: int, *, last_only: bool) -> dict[str, Array]:
    return {
        inlet.name: _numbers(inlet, _shape(inlet, size, last_only=last_only), seed)
        for inlet in wanted
    }


def _shape(inlet: Inlet, size: int, *, last_only: bool) -> tuple[int, ...]:
    taken = {axis for axis in _open_axes(inlet) if not last_only or axis == len(inlet.shape) - 1}
    return tuple(
        size if axis in taken else said if isinstance(said, int) and said > 0 else 1
        for axis, said in enumerate(inlet.shape)
    )


def _numbers(inlet: Inlet, shape: tuple[int, ...], seed: int) -> Array:
    if inlet.dtype.kind == "b":
        return np.ones(shape, inlet.dtype)
    if inlet.dtype.kind != "f":
        return np.zeros(shape, inlet.dtype)
    return np.random.default_rng(seed).standard_normal(shape).astype(inlet.dtype)


def _open_axes(inlet: Inlet) -> tuple[int, ...]:
    """Return the axes of open size, those of the batch left out."""
    return tuple(
        axis
        for axis, said in enumerate(inlet.shape)
        if not (isinstance(said, int) and said > 0)
        and axis > 0
        and not (isinstance(said, str) and is_batch_name(said))
    )
