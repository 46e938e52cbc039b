"""What INT8 adds to the bytes of a file, learnt from a few files that have it.

Every INT8 layer brings conversions of its own; neighbours share some, and some stand in the file
once however many layers there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinystudio.explorer.sizing import SizeModel
from tinystudio.explorer.space import Space
from tinystudio.graph.network import Network
from tinystudio.graph.segments import segments
from tinystudio.solvers.quantizing import INT8_OPERATORS, touched

Sharing = tuple[tuple[int, ...], ...]  # layers (indices) that touch a tensor in common


def with_int8(
    model: SizeModel, space: Space, measured: Mapping[frozenset[str], int], sharing: Sharing
) -> SizeModel:
    """Return the model with what INT8 adds.

    `measured`: the bytes of the files in which exactly these layers are INT8: each alone, all
    together, and two that share nothing (see `int8_files`), as far as there are such. `sharing`:
    see `sharing_layers`.
    """
    over = {nodes: size - _plain(model, space, nodes) for nodes, size in measured.items()}
    alone = {next(iter(nodes)): more for nodes, more in over.items() if len(nodes) == 1}
    apart = _apart(space, list(alone), sharing)
    once = 0 if apart is None or apart not in over else sum(alone[n] for n in apart) - over[apart]
    added = tuple(alone[layer.node] - once if layer.node in alone else 0 for layer in space.layers)
    model = model.model_copy(update={"int8": added, "once": once})
    everything = frozenset(alone)
    able = {space.layer_index[node] - len(space.groups) for node in alone}
    neighbours = tuple(tuple(sorted(able & set(layers))) for layers in sharing)
    neighbours = tuple(layers for layers in neighbours if len(layers) > 1)
    if everything not in over or not neighbours:
        return model
    left = once + sum(added) - over[everything]
    shared = round(left / sum(len(layers) - 1 for layers in neighbours))
    return model.model_copy(update={"neighbours": neighbours, "shared": shared})


def sharing_layers(network: Network, space: Space) -> Sharing:
    """Return, for every tensor that several layers would convert, which layers these are.

    A tensor is converted once, whoever makes or reads it in INT8: with what follows each layer.
    """
    index = {layer.node: at for at, layer in enumerate(space.layers)}
    touching: dict[str, set[int]] = {}
    for segment in segments(network):
        layer = index.get(segment.heavy or "")
        if layer is None:
            continue
        for name in segment.nodes:
            node = network.node(name)
            for tensor in touched(network, node) if node.op_type in INT8_OPERATORS else ():
                touching.setdefault(tensor, set()).add(layer)
    return tuple(tuple(sorted(layers)) for layers in touching.values() if len(layers) > 1)


def int8_files(space: Space, sharing: Sharing) -> list[frozenset[str]]:
    """Return of which sets of INT8 layers the bytes have to be known."""
    able = [layer.node for layer in space.layers if "w8a8" in layer.precisions]
    apart = _apart(space, able, sharing)
    sets = [frozenset((node,)) for node in able]
    return list(dict.fromkeys([*sets, frozenset(able), *([] if apart is None else [apart])]))


def _plain(model: SizeModel, space: Space, nodes: frozenset[str]) -> int:
    """Return the bytes if these layers only had 8-bit weights."""
    choice = space.choice({}, dict.fromkeys(nodes, "w8a8"))
    if choice is None:
        raise ValueError("not every layer can compute in INT8")
    return int(model.file_bytes(space, choice)[0])


def _apart(space: Space, able: Sequence[str], sharing: Sharing) -> frozenset[str] | None:
    """Return two layers that share nothing, as far from one another as can be."""
    at = {layer.node: index for index, layer in enumerate(space.layers)}
    pairs = [
        (other - one, frozenset((able[one], able[other])))
        for other in range(len(able))
        for one in range(other)
        if not any({at[able[one]], at[able[other]]} <= set(layers) for layers in sharing)
    ]
    return max(pairs, key=lambda pair: pair[0])[1] if pairs else None
