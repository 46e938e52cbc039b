"""A graph as a torch module: its parameters are the graph's initializers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from torch import Tensor, nn

from tinystudio.core.errors import UserError
from tinystudio.graph.gradients.claims import needed_nodes, unclaimed
from tinystudio.graph.gradients.element_types import as_array, as_tensor
from tinystudio.graph.gradients.image_layout import channels_last, image_kernels
from tinystudio.graph.gradients.node import Mode
from tinystudio.graph.gradients.program import compiled
from tinystudio.graph.gradients.trainable import (
    is_floating,
    running_statistics,
    trainable_weights,
)
from tinystudio.graph.gradients.written_out import written_out
from tinystudio.graph.network import Network


class GraphModule(nn.Module):
    """Run a network's graph in torch, with gradients to its own weights.

    Every node runs by the rule of its operator; `claims.unclaimed` tells beforehand where one
    has none. While training (`train()`), Dropout drops and BatchNormalization uses the batch's
    statistics and moves the stored ones; in `eval()` the module gives what the file gives.
    Numbers are drawn from torch's generator alone: the same seed gives the same training.
    """

    def __init__(
        self,
        network: Network,
        *,
        trainable: Sequence[str] | None = None,
        outputs: Sequence[str] | None = None,
    ) -> None:
        """Build the module; it starts in `eval()`.

        `trainable` names the weights that become parameters (default: `trainable_weights`);
        `outputs` the tensors to compute, hidden ones too (default: the network's outputs). Nodes
        that they do not need are left out. Raises `UserError` where a needed node has no rule,
        and KeyError or ValueError for a name of `trainable` that no gradient can change.
        """
        super().__init__()
        _check_claims(network, outputs)
        self._network = network
        self._outputs = tuple(outputs or (port.name for port in network.outputs))
        plain = written_out(network).network
        nodes = needed_nodes(plain, self._outputs)
        names = trainable_weights(network) if trainable is None else tuple(trainable)
        read = {name for node in nodes for name in node.input} | set(self._outputs)
        self._mode = Mode()
        self._weight_names = _floating(network, [name for name in names if name in read])
        self._statistics = tuple(sorted(running_statistics(network) & read))
        changing = (*self._weight_names, *self._statistics)
        self._program = compiled(plain, nodes, self._outputs, changing, self._mode)
        kernels = image_kernels(plain, nodes)
        self._sees_images = bool(kernels)
        # Numbered, since a parameter's name in torch may hold no dot.
        for index, name in enumerate(self._weight_names):
            weight = as_tensor(network.weights[name])
            weight = channels_last(weight) if name in kernels else weight
            self.register_parameter(f"weight_{index}", nn.Parameter(weight))
        for index, name in enumerate(self._statistics):
            self.register_buffer(f"statistic_{index}", as_tensor(network.weights[name]))
        self._place_weights()
        self.eval()

    @property
    def weights(self) -> Mapping[str, nn.Parameter]:
        """Return the parameters by their names in the graph."""
        return {
            name: self.get_parameter(f"weight_{index}")
            for index, name in enumerate(self._weight_names)
        }

    @property
    def statistics(self) -> Mapping[str, Tensor]:
        """Return batch normalization's stored means and variances by their names in the graph."""
        return {
            name: self.get_buffer(f"statistic_{index}")
            for index, name in enumerate(self._statistics)
        }

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs for one tensor per input of the network, in its order."""
        if self._sees_images:
            inputs = tuple(channels_last(item) for item in inputs)
        return self._program.run(inputs)

    def network(self) -> Network:
        """Return the network with the weights and statistics as they are now."""
        now: dict[str, Tensor] = {**self.weights, **self.statistics}
        known = self._network.weights
        arrays = {name: as_array(tensor, known[name].dtype) for name, tensor in now.items()}
        return self._network.with_weights(arrays)

    def train(self, mode: bool = True) -> Self:
        """Start training, or end it (see the class)."""
        self._mode.training = mode
        return super().train(mode)

    def __deepcopy__(self, memo: dict[int, Any]) -> GraphModule:
        """Return a module of its own on the current weights: what rules made cannot be shared."""
        copy = GraphModule(self.network(), trainable=self._weight_names, outputs=self._outputs)
        return copy.train(self.training)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Change the type of all tensors (`double()`, `half()`), constants included."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._program.convert_constants(fn)
        self._place_weights()
        return self

    def _place_weights(self) -> None:
        for name, tensor in {**self.weights, **self.statistics}.items():
            self._program.place(name, tensor)


def _check_claims(network: Network, outputs: Sequence[str] | None) -> None:
    missing = unclaimed(network, outputs)
    if missing:
        name, reason = next(iter(missing.items()))
        more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UserError(
            "The model cannot be trained here",
            f"At '{name}': {reason}{more}.",
            "Train only up to a layer before it, or choose a technique that needs no training.",
        )


def _floating(network: Network, names: Sequence[str]) -> tuple[str, ...]:
    counted = running_statistics(network)
    for name in names:
        if not is_floating(network.weights[name]):
            raise ValueError(f"weight '{name}' is {network.weights[name].dtype}: no gradient")
        if name in counted:
            raise ValueError(f"'{name}' is counted by batch normalization, not learned")
    return tuple(names)
