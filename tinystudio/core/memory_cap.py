"""A cap on what one step, or a whole process, may add to its memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tinystudio.core.errors import UserError

GIB = 2**30


@contextmanager
def memory_cap(more_bytes: int, error: UserError) -> Iterator[None]:
    """Raise `error` where what is done inside asks for more than `more_bytes` of further memory.

    It is the system that refuses the memory, so that it also holds for libraries that never come
    back to Python. Linux only; elsewhere nothing is capped. The cap is taken off again at the
    end: torch, which reserves far more than it uses, may be loaded afterwards.
    """
    before = limit_address_space(more_bytes)
    if before is None:
        yield
        return
    import resource

    try:
        yield
    except MemoryError:
        raise error from None
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def limit_address_space(more_bytes: int) -> tuple[int, int] | None:
    """Cap this process at `more_bytes` over what it has, or lower where it was capped before.

    Return the limits as they were; None where the system has none (all but Linux).
    """
    held = _address_space() if sys.platform == "linux" else None
    if held is None:
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    known = [item for item in (soft, hard) if item != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min((held + more_bytes, *known)), hard))
    return soft, hard


def _address_space() -> int | None:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return None
    import resource

    return pages * resource.getpagesize()
