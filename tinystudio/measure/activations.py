"""Streams what flows inside a network, batch by batch and never all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Reporter
from tinystudio.graph.network import Network
from tinystudio.measure.running import BATCH, inlets, open_session, run_batches


def stream_activations(
    network: Network,
    tensors: Sequence[str],
    samples: Samples,
    reporter: Reporter,
    batch: int = BATCH,
) -> Iterator[dict[str, Array]]:
    """Yield, per batch, the value of each named tensor: {tensor: (samples of the batch, ...)}.

    `tensors` may name inputs, outputs and anything between. The samples come in their order.
    Raises KeyError where the graph has no such tensor.
    """
    names = list(dict.fromkeys(tensors))
    session = open_session(_with_outputs(network, names))
    given = {inlet.name: at for at, inlet in enumerate(inlets(session))}
    computed = [name for name in names if name not in given]
    if not computed:
        yield from _inputs_only(given, names, samples, batch)
        return
    start = 0
    for piece in run_batches(session, samples, reporter, batch, computed):
        count = len(piece[computed[0]])
        for name in names:
            if name in given:
                piece[name] = samples.inputs[given[name]][start : start + count]
        start += count
        yield piece


def _inputs_only(
    given: dict[str, int], names: Sequence[str], samples: Samples, batch: int
) -> Iterator[dict[str, Array]]:
    for some in samples.batches(batch):
        yield {name: some.inputs[given[name]] for name in names}


def _with_outputs(network: Network, tensors: Sequence[str]) -> bytes:
    """Return the network's bytes with `tensors` as outputs besides its own."""
    import onnx

    there = {output.name for output in network.outputs} | {port.name for port in network.inputs}
    wanted = [name for name in tensors if name not in there]
    if not wanted:
        return network.data
    for name in wanted:
        if network.producer(name) is None:
            raise KeyError(f"the graph has no tensor {name!r}")
    model = onnx.ModelProto()
    model.CopyFrom(network.model)
    # onnxruntime infers the types of outputs that come without.
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
    return bytes(model.SerializeToString())
