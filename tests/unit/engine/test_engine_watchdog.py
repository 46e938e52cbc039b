"""An engine that eats all memory ends before the machine does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tinystudio.engine.watchdog import is_too_much

GB = 2**30


def test_with_memory_to_spare_an_engine_may_be_as_large_as_it_likes() -> None:
    assert not is_too_much(own_bytes=12 * GB, free_bytes=2 * GB, total_bytes=16 * GB)


def test_a_small_engine_is_not_ended_for_what_others_take() -> None:
    assert not is_too_much(own_bytes=GB, free_bytes=0, total_bytes=16 * GB)


def test_a_large_engine_is_ended_when_memory_runs_out() -> None:
    assert is_too_much(own_bytes=12 * GB, free_bytes=GB // 10, total_bytes=16 * GB)


@given(st.integers(0, 64 * GB), st.integers(0, 64 * GB))
def test_more_free_memory_never_makes_it_worse(own: int, free: int) -> None:
    if not is_too_much(own, free, 64 * GB):
        assert not is_too_much(own, free + GB, 64 * GB)
