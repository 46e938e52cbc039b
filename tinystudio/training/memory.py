"""What is said where a training needs more memory than there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tinystudio.core.errors import UserError

TITLE = "The training was stopped"
# What torch says, on Linux, on Windows, and of a graphics card: it has no class for the first two.
_WORDS = ("can't allocate memory", "not enough memory", "out of memory", "bad_alloc")


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that no more memory was given."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error) for word in _WORDS)


@contextmanager
def memory_told(batch: int, fed: int) -> Iterator[None]:
    """Turn what is raised where memory runs out into an error that says what to do.

    `batch` samples make a step, `fed` of them go in at once. What a checkpoint has kept stays.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise _no_memory(batch, fed) from None


def _no_memory(batch: int, fed: int) -> UserError:
    hint = "Close other programs and start it again: it goes on from the last epoch that was kept."
    if 1 < batch == fed:  # else the graph fixes what goes in at once
        hint = (
            f"Choose a smaller batch than {batch}: half of it needs about half the memory. {hint}"
        )
    found = f"There was not enough memory to learn from {fed} samples at once."
    return UserError(TITLE, found, hint)
