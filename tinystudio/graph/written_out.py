"""How many nodes a model has once its functions are written out, known before they are."""

from __future__ import annotations

from collections.abc import Iterable

from onnx import FunctionProto, ModelProto, NodeProto

from tinystudio.core.errors import UserError
from tinystudio.graph.sorting import subgraphs

MOST_NODES = 200_000  # the largest models that people run have a tenth of that
DEEPEST = 100  # functions within functions; exporters write three or four

_Key = tuple[str, str, str]


def check_functions(model: ModelProto, title: str) -> None:
    """Raise `UserError` where functions that call functions stand for absurdly many nodes."""
    sizes = _Sizes(model.functions, title)
    count = sizes.of_nodes(model.graph.node, 0)
    if count > MOST_NODES:
        detail = f"Its functions stand for more than {MOST_NODES:,} nodes."
        raise UserError(title, detail, "Check the export; no small model needs that many.")


class _Sizes:
    """Counts every function once, however often it is called."""

    def __init__(self, functions: Iterable[FunctionProto], title: str) -> None:
        self._functions = {(f.domain, f.name, f.overload): f for f in functions}
        self._known: dict[_Key, int] = {}
        self._title = title

    def of_nodes(self, nodes: Iterable[NodeProto], depth: int) -> int:
        """Return how many nodes these stand for, at least 1 each; no further than the most."""
        count = 0
        for node in nodes:
            count += self._of_node(node, depth)
            count += sum(self.of_nodes(graph.node, depth) for graph in subgraphs(node))
            if count > MOST_NODES:
                break
        return count

    def _of_node(self, node: NodeProto, depth: int) -> int:
        key = (node.domain, node.op_type, node.overload)
        function = self._functions.get(key)
        if function is None:
            return 1
        if depth > DEEPEST:
            detail = f"Its functions call one another more than {DEEPEST} deep."
            raise UserError(self._title, detail, "Export the model again without functions.")
        if key not in self._known:
            self._known[key] = self.of_nodes(function.node, depth + 1)
        return self._known[key]
