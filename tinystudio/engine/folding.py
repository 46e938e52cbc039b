"""What of a diagram is folded into one box: chains of nodes, blocks, and blocks that repeat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tinystudio.jobs.inspection import Fold

FOLDED_ABOVE = 60  # boxes; up to here the whole graph is read at a glance
LONGEST_PERIOD = 12  # parts of what repeats
LEAST_TIMES = 3  # twice the same may be chance
FEW_READERS = 3  # of what is handed along, e.g. a mask, there are more
Link = tuple[int, int]


@dataclass(frozen=True)
class Item:
    """What is drawn as one box: a single leaf, or a fold of several."""

    leaves: tuple[int, ...]
    fold: Fold | None = None
    inside: tuple[Item, ...] = ()
    times: int = 1


@dataclass(frozen=True)
class _Part:
    """Items that come one after the other, and what tells whether two such are the same."""

    items: tuple[Item, ...]
    look: object


def folded(
    boxes: Sequence[Item], links: Sequence[Link], operators: Sequence[str], ends: int
) -> tuple[Item, ...]:
    """Return the boxes with what belongs together folded.

    `boxes` stand in an order in which nothing reads what comes later, the model's `ends` inputs
    and outputs first; `operators` are of the leaves. Chains are folded in every network, blocks
    and what repeats only in a large one.
    """
    chains = tuple(_chain(box) for box in boxes)
    if len(chains) <= FOLDED_ABOVE:
        return chains
    graph = _between(boxes, links)
    parts = tuple(_parts(chains, graph, operators, ends))
    return (*chains[:ends], *(item for part in _repeats(parts) for item in part.items))


def _chain(box: Item) -> Item:
    if len(box.leaves) < 2:
        return box
    return Item(box.leaves, "chain", tuple(Item((leaf,)) for leaf in box.leaves))


def _between(boxes: Sequence[Item], links: Sequence[Link]) -> list[Link]:
    """Return which box reads which."""
    owner = {leaf: at for at, box in enumerate(boxes) for leaf in box.leaves}
    found = dict.fromkeys((owner[a], owner[b]) for a, b in links)
    return [link for link in found if link[0] != link[1]]


def _parts(
    chains: Sequence[Item], graph: Sequence[Link], operators: Sequence[str], ends: int
) -> Iterator[_Part]:
    """Yield blocks and single boxes in their order.

    A block is what lies between two boxes that everything passes through, with the second one:
    the branches and what joins them. One that is most of the network would hide all of it.
    """
    inner = [link for link in graph if min(link) >= ends]
    handed = _handed_along(inner, len(chains), ends)
    inner = [link for link in inner if link[0] not in handed]
    narrow, reads = _narrow(inner, len(chains), ends), _by_reader(inner)
    waiting: list[int] = []
    has_begun = False
    for at in range(ends, len(chains)):
        if at in handed:
            yield _single(chains[at], operators)
            continue
        waiting.append(at)
        if at not in narrow and at < len(chains) - 1:
            continue
        is_block = has_begun and at in narrow and 1 < len(waiting) <= (len(chains) - ends) // 2
        if is_block:
            yield _block(waiting, chains, reads, operators)
        else:
            yield from (_single(chains[number], operators) for number in waiting)
        waiting, has_begun = [], True


def _handed_along(inner: Sequence[Link], count: int, ends: int) -> frozenset[int]:
    """Return what is worked out once at the beginning and read all along the way."""
    reads = _by_reader(inner)
    readers = _by_reader([(b, a) for a, b in inner])
    found: set[int] = set()
    for at in range(ends, count):
        own = readers.get(at, [])
        is_early = all(source in found for source in reads.get(at, []))
        spans = bool(own) and max(own) - at > (count - ends) // 2
        if is_early and len(own) > FEW_READERS and spans:
            found.add(at)
    return frozenset(found)


def _narrow(inner: Sequence[Link], count: int, ends: int) -> frozenset[int]:
    """Return the boxes that nothing leads past."""
    opened = [0] * (count + 1)  # by box: how many links begin to lead past it, less those that end
    joined: set[int] = set()
    for a, b in inner:
        opened[a + 1] += 1
        opened[b] -= 1
        joined |= {a, b}
    past, found = 0, set()
    for at in range(ends, count):
        past += opened[at]
        if past == 0 and at in joined:
            found.add(at)
    return frozenset(found)


def _single(item: Item, operators: Sequence[str]) -> _Part:
    return _Part((item,), tuple(operators[leaf] for leaf in item.leaves))


def _block(
    numbers: Sequence[int],
    chains: Sequence[Item],
    reads: Mapping[int, Sequence[int]],
    operators: Sequence[str],
) -> _Part:
    place = {number: at for at, number in enumerate(numbers)}
    items = tuple(chains[number] for number in numbers)
    within = frozenset(
        (place[source], at)
        for number, at in place.items()
        for source in reads.get(number, ())
        if source in place
    )
    looks = tuple(_single(item, operators).look for item in items)
    return _Part((_fold(items, "block"),), (looks, within))


def _by_reader(links: Sequence[Link]) -> dict[int, list[int]]:
    """Return what each box reads."""
    found: dict[int, list[int]] = {}
    for a, b in links:
        found.setdefault(b, []).append(a)
    return found


def _fold(items: Sequence[Item], fold: Fold, times: int = 1) -> Item:
    return Item(tuple(leaf for item in items for leaf in item.leaves), fold, tuple(items), times)


def _repeats(parts: Sequence[_Part]) -> Iterator[_Part]:
    """Yield the parts; those that come several times in a row as one."""
    at = 0
    while at < len(parts):
        period, times = _period(parts, at)
        if times < LEAST_TIMES:
            yield parts[at]
            at += 1
            continue
        rounds = [parts[at + turn * period : at + (turn + 1) * period] for turn in range(times)]
        items = [_round([item for part in some for item in part.items]) for some in rounds]
        yield _Part((_fold(items, "repeat", times),), None)
        at += period * times


def _round(items: Sequence[Item]) -> Item:
    return items[0] if len(items) == 1 else _fold(items, "block")


def _period(parts: Sequence[_Part], at: int) -> tuple[int, int]:
    """Return how many parts repeat from here on, and how often: what covers most, the shortest."""
    best = (1, 1)
    for period in range(1, min(LONGEST_PERIOD, (len(parts) - at) // LEAST_TIMES) + 1):
        looks = [part.look for part in parts[at : at + period]]
        times = 1
        while [x.look for x in parts[at + times * period : at + (times + 1) * period]] == looks:
            times += 1
        if times >= LEAST_TIMES and period * times > best[0] * best[1]:
            best = (period, times)
    return best
