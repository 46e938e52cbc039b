"""What is found out about a network once and kept as long as the network lives."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from tinystudio.graph.network import Network

T = TypeVar("T")


def remembered(find: Callable[[Network], T]) -> Callable[[Network], T]:
    """Let `find` look at each network only once: a network never changes."""
    known: WeakKeyDictionary[Network, T] = WeakKeyDictionary()

    @wraps(find)
    def found(network: Network) -> T:
        if network not in known:
            known[network] = find(network)
        return known[network]

    return found
