"""A graph compiled for torch: its nodes as functions, its tensors as numbered slots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from onnx import NodeProto
from torch import Tensor

from tinystudio.core.data import Array
from tinystudio.graph.gradients.element_types import as_array, as_tensor, carrier_of
from tinystudio.graph.gradients.fusing import Compiled, fused
from tinystudio.graph.gradients.node import Mode, Node, Run
from tinystudio.graph.gradients.rules import RULES
from tinystudio.graph.network import Network

NOTHING, UNREAD = 0, 1  # slots: an input that is left out; outputs that nobody reads


@dataclass(frozen=True)
class Step:
    """One node: its function, and the slots it reads, writes, and is the last to read."""

    run: Run
    reads: tuple[int, ...]
    writes: tuple[int, ...]
    frees: tuple[int, ...]


@dataclass
class Program:
    """What runs: steps in order over slots, some of them filled before the start."""

    steps: list[Step]
    slots: dict[str, int]
    first: list[Tensor | None]  # what stands in the slots at the start
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    constants: tuple[int, ...]

    def run(self, inputs: Sequence[Tensor]) -> tuple[Any, ...]:
        """Return the outputs; what no later step reads is let go at once."""
        values: list[Any] = self.first.copy()
        for slot, tensor in zip(self.inputs, inputs, strict=True):
            values[slot] = tensor
        for step in self.steps:
            made = step.run(*[values[slot] for slot in step.reads])
            if type(made) is tuple:
                for slot, tensor in zip(step.writes, made, strict=False):
                    values[slot] = tensor
            else:
                values[step.writes[0]] = made
            for slot in step.frees:
                values[slot] = None
        return tuple([values[slot] for slot in self.outputs])

    def place(self, name: str, tensor: Tensor) -> None:
        """Put the tensor of a weight in its slot."""
        self.first[self.slots[name]] = tensor

    def convert_constants(self, change: Callable[[Tensor], Tensor]) -> None:
        """Change every constant, as `nn.Module` changes its parameters."""
        for slot in self.constants:
            known = self.first[slot]
            self.first[slot] = None if known is None else change(known)


def compiled(
    network: Network,
    nodes: Sequence[NodeProto],
    outputs: Sequence[str],
    changing: Sequence[str],
    mode: Mode,
) -> Program:
    """Compile `nodes`; what depends on no input and no `changing` weight is computed at once."""
    read = {name for node in nodes for name in node.input} | set(outputs)
    known: dict[str, Array] = {
        n: a for n, a in network.weights.items() if n in read and n not in changing
    }
    left: list[Compiled] = []
    tensors = {name: as_tensor(array) for name, array in known.items()}
    for node in nodes:
        run = RULES[node.op_type](Node(node, network, known, mode))
        if all(name in tensors for name in node.input if name):
            _compute_ahead(node, network, run, tensors, known)
        else:
            left.append((node, run))
    left = fused(left, network, known, outputs)
    return _laid_out(network, left, outputs, changing, tensors)


def _compute_ahead(
    node: NodeProto, network: Network, run: Run, tensors: dict[str, Tensor], known: dict[str, Array]
) -> None:
    with torch.no_grad():
        made = run(*[tensors[name] if name else None for name in node.input])
    results = made if isinstance(made, tuple) else (made,)
    for name, tensor in zip(node.output, results, strict=False):
        tensors[name] = tensor
        dtype = network.dtype(name)
        if dtype is not None and carrier_of(dtype) == tensor.dtype:
            known[name] = as_array(tensor, dtype)


def _laid_out(
    network: Network,
    nodes: Sequence[Compiled],
    outputs: Sequence[str],
    changing: Sequence[str],
    tensors: dict[str, Tensor],
) -> Program:
    last = {name: index for index, (node, _) in enumerate(nodes) for name in node.input}
    kept = set(last) | set(outputs)
    ports = [port.name for port in network.inputs]
    constants = [name for name in tensors if name in kept]
    made = [name for node, _ in nodes for name in node.output if name in kept]
    names = [*ports, *changing, *constants, *dict.fromkeys(made)]
    slots = {"": NOTHING} | {name: index for index, name in enumerate(names, 2)}
    first: list[Tensor | None] = [None] * (len(names) + 2)
    for name in constants:
        first[slots[name]] = tensors[name]
    free = {*ports, *made} - set(outputs)
    steps = []
    for index, (node, run) in enumerate(nodes):
        ended = [n for n in dict.fromkeys(node.input) if n in free and last[n] == index]
        steps.append(_step(node, run, slots, ended))
    return Program(
        steps,
        slots,
        first,
        tuple(slots[name] for name in ports),
        tuple(slots[name] for name in outputs),
        tuple(slots[name] for name in constants),
    )


def _step(node: NodeProto, run: Run, slots: Mapping[str, int], ended: Sequence[str]) -> Step:
    return Step(
        run,
        reads=tuple(slots[name] for name in node.input),
        writes=tuple(slots.get(name, UNREAD) if name else UNREAD for name in node.output),
        frees=tuple(slots[name] for name in ended),
    )
