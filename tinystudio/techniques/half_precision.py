"""Half precision: weights, and if wanted the arithmetic, in 16-bit floats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from tinystudio.core.data import Samples
from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.network import Network
from tinystudio.measure.activations import stream_activations
from tinystudio.measure.calibrating import COMPARED_SAMPLES
from tinystudio.measure.checking import survives
from tinystudio.measure.quantization_loss import loss_warnings
from tinystudio.measure.running import check_samples, outputs_of
from tinystudio.solvers.halving import computing_in_half, halved, unknown_types
from tinystudio.solvers.quantizable import already_quantized
from tinystudio.solvers.stored_halves import (
    LARGEST,
    fits_in_half,
    storable_as_halves,
    stored_as_halves,
    too_large_for_half,
)
from tinystudio.solvers.widening import can_widen
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "The network was not halved"
NAMED = 3  # tensors that a sentence lists


class HalfPrecisionParams(Params):
    """What becomes 16 bits."""

    compute: Literal["float", "half"] = choice(
        "float",
        title="Compute in",
        help="In 32-bit floats, only the weights are stored in 16 bits: half the file, same speed, "
        "nothing can overflow on the way. In 16-bit floats, everything between inputs and outputs "
        "is: for graphics processors and accelerators that compute so. onnxruntime on a CPU turns "
        "those back into 32-bit floats, which is size only there as well.",
        titles={
            "float": "32-bit floats: only stored in 16 (size only)",
            "half": "16-bit floats, where the hardware can",
        },
    )
    samples: int = integer(
        256,
        title="Samples looked at",
        help="On how many calibration samples activations beyond 65504 are looked for before "
        "computing in 16 bits; without samples they are not found.",
        ge=8,
        le=8192,
        step=8,
        advanced=True,
    )


class HalfPrecision(Technique[HalfPrecisionParams]):
    """Stores weights as 16-bit floats: the file becomes half as large, the answers hardly change.

    Size only on a CPU: onnxruntime computes in 32-bit floats there, whichever form the file has.
    Measured on the gallery's networks (x86, one thread), weights stored in 16 bits ran as fast as
    before, and files that compute in 16 bits 1.01 to 1.05 times as long, for the conversion of
    inputs and outputs. Inputs and outputs stay in 32-bit floats.

    Half precision ends at 65504. A weight beyond stays in 32 bits; when computing in 16 bits, so
    does every operator that touches such a weight or an activation that the calibration samples
    drive beyond it, and the notes say which. Numbers that sums reach inside an operator are not
    seen here. Put it last: what is stored in 16 bits can no longer be pruned or quantized.

    Sources: IEEE 754-2019 (binary16); Micikevicius et al., "Mixed Precision Training", ICLR 2018.
    """

    id = "half-precision"
    title = "Half precision (fp16)"
    family = "quantization"
    pace = 3.0
    params = HalfPrecisionParams

    def describe(self, params: HalfPrecisionParams) -> str:
        """Return "fp16" or "fp16 weights"."""
        return "fp16" if params.compute == "half" else "fp16 weights"

    def preflight(self, network: Network) -> Preflight:
        """Count the weights that can be stored in 16 bits."""
        refused = already_quantized(network)
        if refused is not None:
            return Preflight("cannot", *refused)
        few = storable_as_halves(network)
        if not few:
            return Preflight(
                "cannot",
                "It has no weights in 32-bit floats that would become smaller.",
                "Choose another technique.",
            )
        large = too_large_for_half(network)
        if large:
            return Preflight(
                "partly",
                f"{len(few)} weights can be stored in 16 bits; {len(large)} hold numbers beyond "
                f"{LARGEST:.0f} and stay as they are: {_named(large)}.",
            )
        text = f"{len(few)} weights can be stored in 16 bits; on a CPU that saves size only."
        return Preflight("can", text)

    def reads(self, params: HalfPrecisionParams) -> int:
        """Return as many as are searched for activations that 16 bits cannot hold."""
        return params.samples if params.compute == "half" else 0

    def apply(self, network: Network, params: HalfPrecisionParams, context: Context) -> Outcome:
        """Rewrite the graph; compare outputs where there are samples to do it on."""
        told = self.preflight(network)
        if told.status == "cannot":
            raise UserError(TITLE, told.reason, told.remedy)
        context.reporter.check()
        samples = _samples(network, params, context)
        notes = [_large_note(network)] if too_large_for_half(network) else []
        if params.compute == "float":
            result = stored_as_halves(network)
            few = len(storable_as_halves(network))
            notes.append(f"{few} weights in 16 bits; computes in 32-bit floats: size only")
        else:
            result, told_of = _in_half(network, samples, context.reporter)
            _check_survival(result, context)
            notes += told_of
        warnings = _warnings(network, result, samples, context.reporter)
        context.reporter.progress(1.0, 1.0, "Halved")
        return Outcome(result, tuple(notes), warnings)


def _samples(network: Network, params: HalfPrecisionParams, context: Context) -> Samples | None:
    if context.calibration is None or len(context.calibration) == 0:
        return None
    check_samples(network, context.calibration)
    return context.calibration.first(params.samples)


def _in_half(
    network: Network, samples: Samples | None, reporter: Reporter
) -> tuple[Network, list[str]]:
    """Return the network computing in half precision, and what to say of it."""
    if not can_widen(network):
        raise UserError(
            TITLE,
            "It has inner graphs (If, Loop), whose arithmetic is not rewritten.",
            "Compute in 32-bit floats and only store the weights in 16 bits.",
        )
    unknown = unknown_types(network)
    if unknown:
        raise UserError(
            TITLE,
            f"The number types of {_named(unknown)} are not known, so what reads them cannot be "
            "rewritten.",
            "Compute in 32-bit floats and only store the weights in 16 bits.",
        )
    beyond = () if samples is None else _overflowing(network, samples, reporter)
    half = computing_in_half(network, beyond)
    if not half:
        raise UserError(
            TITLE,
            "No operator can compute in half precision: all touch numbers beyond 65504, or are "
            "not defined for it.",
            "Compute in 32-bit floats and only store the weights in 16 bits.",
        )
    notes = [f"{len(half)} of {len(network.nodes)} operators in 16 bits; size only on a CPU"]
    if beyond:
        notes.append(f"beyond {LARGEST:.0f} on the samples, so in 32 bits: {_named(beyond)}")
    if samples is None:
        notes.append("no samples: whether activations overflow was not looked at")
    return halved(network, beyond), notes


def _check_survival(result: Network, context: Context) -> None:
    """Raise `UserError` where onnxruntime would take the program down with it."""
    key = ("survives", result.fingerprint)
    if not context.cache.get(key, lambda: survives(result.data, context.reporter), lambda _: 1):
        raise UserError(
            TITLE,
            "onnxruntime crashes when it opens this network computing in 16 bits.",
            "Compute in 32-bit floats and only store the weights in 16 bits.",
        )


def _overflowing(network: Network, samples: Samples, reporter: Reporter) -> tuple[str, ...]:
    """Return the float tensors that these samples drive beyond what half precision can hold."""
    tensors = [
        name
        for name in (
            *(port.name for port in network.inputs),
            *(name for node in network.nodes for name in node.output if name),
        )
        if network.dtype(name) == np.float32
    ]
    found: set[str] = set()
    stream = stream_activations(network, tensors, samples, Part(reporter, 0.0, 0.5))
    for batch in stream:
        found |= {name for name, values in batch.items() if not fits_in_half(values)}
    reporter.progress(0.5, 1.0, "Looked for overflow")
    return tuple(name for name in tensors if name in found)


def _warnings(
    before: Network, after: Network, samples: Samples | None, reporter: Reporter
) -> tuple[str, ...]:
    if samples is None:
        return ()
    some = samples.first(COMPARED_SAMPLES)
    expected = outputs_of(before.data, some, Part(reporter, 0.5, 0.7))
    outputs = outputs_of(after.data, some, Part(reporter, 0.7, 1.0))
    return loss_warnings(expected, outputs, some, "", "16 bits")


def _large_note(network: Network) -> str:
    return f"beyond {LARGEST:.0f}, so in 32 bits: {_named(too_large_for_half(network))}"


def _named(names: Sequence[str]) -> str:
    """Return the first few names in a row, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
