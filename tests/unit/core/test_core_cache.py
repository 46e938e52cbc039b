"""The cache makes a thing once and stays within its bytes."""

from __future__ import annotations

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.cache import Cache


def test_a_thing_is_made_once_even_when_it_is_none() -> None:
    made: list[int] = []
    cache = Cache()
    for _ in range(3):
        assert cache.get("key", lambda: made.append(1), lambda _: 1) is None
    assert made == [1]


def test_what_was_used_longest_ago_goes_first() -> None:
    made: list[str] = []
    cache = Cache(limit_bytes=2)

    def use(key: str) -> None:
        cache.get(key, lambda: made.append(key), lambda _: 1)

    for key in ("a", "b", "a", "c", "a", "b"):
        use(key)
    assert made == ["a", "b", "c", "b"]


def test_a_thing_larger_than_the_limit_is_given_all_the_same() -> None:
    cache = Cache(limit_bytes=1)
    assert cache.get("key", lambda: b"long", len) == b"long"


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 8)), max_size=60))
def test_what_is_kept_never_exceeds_the_limit_and_is_always_the_right_thing(
    uses: list[tuple[int, int]],
) -> None:
    sizes: dict[int, int] = {}
    cache = Cache(limit_bytes=10)
    for key, size in uses:
        sizes.setdefault(key, size)
        assert len(cache.get(key, partial(bytes, sizes[key]), len)) == sizes[key]
        assert sum(held for _, held in cache._items.values()) <= 10
