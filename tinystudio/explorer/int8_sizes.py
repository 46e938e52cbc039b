"""What INT8 adds to the bytes of a file, learnt from a few files that have it.

Every INT8 layer brings conversions of its own; neighbours share some, and some stand in the file
once however many layers there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinystudio.explorer.sizing import SizeModel
from tinystudio.explorer.space import Space


def with_int8(model: SizeModel, space: Space, measured: Mapping[frozenset[str], int]) -> SizeModel:
    """Return the model with what INT8 adds.

    `measured`: the bytes of the files in which exactly these layers are INT8: each alone, all
    together, and two that are no neighbours (see `int8_files`), as far as there are such.
    """
    over = {nodes: size - _plain(model, space, nodes) for nodes, size in measured.items()}
    alone = {next(iter(nodes)): more for nodes, more in over.items() if len(nodes) == 1}
    neighbours = _neighbours(space)
    apart = _apart(space, list(alone))
    once = 0 if apart is None or apart not in over else sum(alone[n] for n in apart) - over[apart]
    added = tuple(alone[layer.node] - once if layer.node in alone else 0 for layer in space.layers)
    model = model.model_copy(update={"int8": added, "once": once})
    everything = frozenset(alone)
    if everything not in over or not neighbours:
        return model
    left = once + sum(added) - over[everything]
    shared = round(left / len(neighbours))
    return model.model_copy(update={"neighbours": neighbours, "shared": shared})


def int8_files(space: Space) -> list[frozenset[str]]:
    """Return of which sets of INT8 layers the bytes have to be known."""
    able = [layer.node for layer in space.layers if "w8a8" in layer.precisions]
    apart = _apart(space, able)
    sets = [frozenset((node,)) for node in able]
    return list(dict.fromkeys([*sets, frozenset(able), *([] if apart is None else [apart])]))


def _plain(model: SizeModel, space: Space, nodes: frozenset[str]) -> int:
    """Return the bytes if these layers only had 8-bit weights."""
    choice = space.choice({}, dict.fromkeys(nodes, "w8a8"))
    if choice is None:
        raise ValueError("not every layer can compute in INT8")
    return int(model.file_bytes(space, choice)[0])


def _neighbours(space: Space) -> tuple[tuple[int, int], ...]:
    """Return pairs of layers (indices) of which one reads what the other makes."""
    return tuple(
        (one, other)
        for other, layer in enumerate(space.layers)
        for one, before in enumerate(space.layers)
        if before.makes is not None and before.makes in layer.reads and one != other
    )


def _apart(space: Space, able: Sequence[str]) -> frozenset[str] | None:
    """Return two layers that are no neighbours, as far from one another as can be."""
    near = {frozenset((one, other)) for one, other in _neighbours(space)}
    at = {layer.node: index for index, layer in enumerate(space.layers)}
    pairs = [
        (other - one, frozenset((able[one], able[other])))
        for other in range(len(able))
        for one in range(other)
        if frozenset((at[able[one]], at[able[other]])) not in near
    ]
    return max(pairs, key=lambda pair: pair[0])[1] if pairs else None
