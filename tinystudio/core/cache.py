"""Keeps what is dear to compute, up to a bound in bytes, oldest use out first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

T = TypeVar("T")

DEFAULT_LIMIT_BYTES = 512 * 2**20


class Cache:
    """A least-recently-used store; one engine has one."""

    def __init__(self, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._held = 0
        self._items: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """Return what is kept under `key`, or make it and keep it. `size` tells its bytes."""
        if key in self._items:
            self._items.move_to_end(key)
            return cast(T, self._items[key][0])
        value = make()
        self._items[key] = (value, size(value))
        self._held += self._items[key][1]
        while self._held > self._limit and len(self._items) > 1:
            _, (_, freed) = self._items.popitem(last=False)
            self._held -= freed
        return value
