"""Distillation: train what is left of a network to answer as the original does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.metrics import find_metric
from tinystudio.core.params import Params, integer, number
from tinystudio.graph.gradients.names import CLAIMED
from tinystudio.graph.gradients.written_out import written_out
from tinystudio.graph.network import Network
from tinystudio.measure.running import (
    Session,
    batch_size,
    check_fit,
    inlets,
    open_session,
    outputs_of,
)
from tinystudio.solvers.quantizable import QUANTIZED
from tinystudio.solvers.widening import needs_widening
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

if TYPE_CHECKING:
    from torch import Tensor

    from tinystudio.training.objectives import Objective

TITLE = "The model was not distilled"


class DistillationParams(Params):
    """How long to train, and what to listen to."""

    epochs: float = number(
        8.0,
        title="Epochs",
        help="How often the training samples are walked through. Narrow models need more; a part "
        "of an epoch is allowed.",
        ge=0.05,
        le=500.0,
        step=1.0,
    )
    labels: float = number(
        0.5,
        title="Labels",
        help="How much the labels count beside the original's answers: 0 % learns from the "
        "original alone, 100 % from the labels alone (plain fine-tuning). Without labels only "
        "the original's answers count.",
        ge=0.0,
        le=1.0,
        step=0.05,
        unit="%",
    )
    temperature: float = number(
        2.0,
        title="Temperature",
        help="Softens the answers of both: the higher, the more the wrong classes tell.",
        ge=1.0,
        le=20.0,
        step=0.5,
    )
    rate: float = number(
        0.002,
        title="Learning rate",
        help="The largest step size; it rises over the first tenth of the training, then falls "
        "in a cosine.",
        ge=0.00001,
        le=0.1,
        step=0.0005,
        advanced=True,
    )
    batch: int = integer(
        64,
        title="Batch",
        help="How many samples make one step.",
        ge=8,
        le=1024,
        step=8,
        advanced=True,
    )


class Distillation(Technique[DistillationParams]):
    """Trains the model as it is now, on the training samples, to answer as the original does and
    as the labels say.

    Put it after what makes the model smaller and before what rounds its weights: layers narrower,
    then distillation, then fewer bits. Normalization that was folded into the weights is put back
    for the time of the training. Weights that pruning has set to zero stay zero. The same seed
    gives the same weights on the same processor.

    What it gains is seen on the validation samples; short trainings of narrow models gain most.

    Sources: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015;
    Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019 (AdamW).
    """

    id = "distillation"
    title = "Distillation"
    family = "distillation"
    params = DistillationParams
    needs_calibration = True
    trains = True
    slider = "epochs"

    def describe(self, params: DistillationParams) -> str:
        """Return e.g. "distilled 8 epochs"."""
        many = "" if params.epochs == 1 else "s"
        return f"distilled {params.epochs:g} epoch{many}"

    def preflight(self, network: Network) -> Preflight:
        """See whether every operator has a rule and the weights are in floats.

        By name alone, for rules load torch; what they refuse in detail is an error of `apply`.
        """
        done = sorted({node.op_type for node in network.nodes} & QUANTIZED)
        if done:
            found = f"It is quantized already: it contains {', '.join(done)}."
            return Preflight("cannot", found, "Distil before you quantize.")
        if needs_widening(network):
            remedy = "Save the network with float32 weights and open it again."
            return Preflight("cannot", "It is not in 32-bit floats.", remedy)
        for node in written_out(network).network.nodes:
            if node.domain not in ("", "ai.onnx") or node.op_type not in CLAIMED:
                reason = f"{node.name} ({node.op_type}) has no gradient rule."
                return Preflight("cannot", reason, "Choose a technique that needs no training.")
        if network.outputs[0].dtype.kind != "f":
            reason = f"Its first output {network.outputs[0].name} is of whole numbers."
            return Preflight("cannot", reason, "Let the scores come first, not the classes.")
        if not any(
            weight.ndim >= 2 and weight.dtype.kind == "f" for weight in network.weights.values()
        ):
            return Preflight("cannot", "There are no weights that a training could change.")
        return Preflight("can", "Every layer can be trained.")

    def example(self, network: Network) -> DistillationParams:
        """Return a short training."""
        return DistillationParams(epochs=1.0)

    def apply(self, network: Network, params: DistillationParams, context: Context) -> Outcome:
        """Train on the training samples with the original's answers to them."""
        told = self.preflight(network)
        if told.status == "cannot":
            raise UserError(TITLE, told.reason, told.remedy or "Choose another technique.")
        samples = context.train
        if samples is None or len(samples) == 0:
            raise UserError(
                TITLE, "There are no training samples.", "Attach data that has a training split."
            )
        from tinystudio.training.loop import Plan, train

        session = open_session(network.data)
        check_fit(inlets(session), samples)
        _check_labels(session, samples, context)
        fed = batch_size(inlets(session), samples, params.batch)
        if fed == 0:
            raise UserError(
                TITLE,
                "The model takes one sample at a time, without a batch axis.",
                "Write it again with a batch axis.",
            )
        plan = Plan(params.epochs, params.rate, min(params.batch, len(samples)))
        done = train(
            network, _tensors(network, samples), _objective(params, samples, context), plan,
            context.seed, context.reporter, fed,
        )  # fmt: skip
        context.reporter.progress(1.0, 1.0, "Trained")
        return Outcome(done.network, _notes(params, done.losses), _warnings(network))


def _objective(params: DistillationParams, samples: Samples, context: Context) -> Objective:
    import torch

    from tinystudio.training.objectives import Objective, as_logits

    classifies = find_metric(context.metric).classifies
    labels = teacher = None
    if samples.labels is not None:
        kind = "int64" if classifies else "float32"
        labels = torch.from_numpy(samples.labels.astype(kind))
    if labels is None or params.labels < 1.0:
        teacher = torch.from_numpy(_answers(samples, context))
        if classifies:  # by the same rule as the student's
            teacher = as_logits(context.original, teacher)
    wanted = labels if teacher is None else teacher
    spread = 1.0
    if not classifies and wanted is not None:
        spread = float(wanted.double().std(correction=0)) or 1.0
    return Objective(classifies, labels, teacher, params.labels, params.temperature, spread)


def _answers(samples: Samples, context: Context) -> Array:
    """Return the original's answers to the training samples, run once for many trainings."""
    key = ("teacher", context.original.fingerprint, context.calibration_fingerprint, len(samples))

    def run() -> Array:
        return outputs_of(context.original.data, samples, context.reporter)[0].astype("float32")

    return context.cache.get(key, run, lambda made: made.nbytes)


def _check_labels(session: Session, samples: Samples, context: Context) -> None:
    """Raise `UserError` where the labels are none that the answers could be judged by."""
    if samples.labels is not None:
        (first, *_) = outputs_of(session, samples.first(1), context.reporter)
        like_all = np.broadcast_to(first, (len(samples), *first.shape[1:]))
        find_metric(context.metric).per_sample((like_all,), samples.labels)


def _tensors(network: Network, samples: Samples) -> tuple[Tensor, ...]:
    import torch

    return tuple(
        torch.from_numpy(array.astype(port.dtype, copy=False))
        for port, array in zip(network.inputs, samples.inputs, strict=True)
    )


def _notes(params: DistillationParams, losses: tuple[float, ...]) -> tuple[str, ...]:
    return (f"Trained {params.epochs:g} epochs: loss {losses[0]:.3f} to {losses[-1]:.3f}",)


def _warnings(network: Network) -> tuple[str, ...]:
    others = ", ".join(port.name for port in network.outputs[1:])
    return (f"Trained for its first output alone; off may be: {others}",) if others else ()
