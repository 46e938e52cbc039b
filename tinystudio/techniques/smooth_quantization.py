"""Smoothing before INT8: large channels of activations are moved into weights."""

from __future__ import annotations

from typing import Literal

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, number
from tinystudio.core.reporter import Part
from tinystudio.graph.network import Network
from tinystudio.measure.probing import calibration_of
from tinystudio.solvers.quantizable import in_floats, not_in_floats
from tinystudio.solvers.seams import Seam, seams
from tinystudio.solvers.smoothing import peaks, smoothed, unevenness
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "The activations were not smoothed"


class SmoothQuantizationParams(Params):
    """How much is moved, and where."""

    strength: float = number(
        0.5,
        title="Strength",
        help="How much of the differences between channels goes from the activations into the "
        "weights that read them: 0 evens out the weights alone, 1 the activations alone. Half is "
        "right for most; activations with extreme channels want 0.7 to 0.9.",
        ge=0.0,
        le=1.0,
        step=0.05,
    )
    places: Literal["normalization", "all"] = choice(
        "all",
        title="Places",
        help="Behind layer normalization, where transformers have their extreme channels, or "
        "everywhere between layers with nothing but Relu, PRelu or pooling between.",
        titles={"all": "All places between layers", "normalization": "Behind normalization only"},
    )
    samples: int = integer(
        256,
        title="Calibration samples",
        help="From how many calibration samples, drawn by the seed, the largest activations are "
        "read.",
        ge=16,
        le=8192,
        step=16,
        advanced=True,
    )


class SmoothQuantization(Technique[SmoothQuantizationParams]):
    """Divides large channels of activations and multiplies the weights that read them: the outputs
    stay the same, and 8-bit activations lose less.

    It changes neither size nor speed by itself: put it before static quantization. Made for
    transformers, whose activations behind layer normalization have a few channels far larger than
    all others; what is divided goes into the normalization's scale and shift, or into the layer
    before. Where no channel stands out it gains nothing and may cost a little; compare both.

    Batch normalization is folded first. Layers whose input is something else as well (an
    addition, an output of the network) are left as they are.

    Source: Xiao, Lin, Seznec, Wu, Demouth and Han, "SmoothQuant: Accurate and Efficient
    Post-Training Quantization for Large Language Models", ICML 2023.
    """

    id = "smooth-quantization"
    title = "Smoothing for INT8 (SmoothQuant)"
    family = "other"
    pace = 4.0
    params = SmoothQuantizationParams
    needs_calibration = True
    slider = "strength"

    def describe(self, params: SmoothQuantizationParams) -> str:
        """Return e.g. "smoothed 50 %"."""
        return f"smoothed {params.strength:.0%}".replace("%", " %")

    def preflight(self, network: Network) -> Preflight:
        """Count the places where channels can be moved."""
        refused = not_in_floats(network)
        if refused is not None:
            return Preflight("cannot", *refused)
        places = seams(in_floats(network))
        if not places:
            return Preflight(
                "cannot",
                "No layer reads channels that a normalization or another layer makes for it alone.",
                "Quantize without smoothing.",
            )
        behind = sum(seam.matrix is None for seam in places)
        text = f"{len(places)} places can be smoothed, {behind} of them behind normalization"
        if behind:
            return Preflight("can", f"{text}.")
        return Preflight("partly", f"{text}: little is gained outside transformers.")

    def apply(
        self, network: Network, params: SmoothQuantizationParams, context: Context
    ) -> Outcome:
        """Read the largest activations, then move them into weights."""
        told = self.preflight(network)
        if told.status == "cannot":
            raise UserError(TITLE, told.reason, told.remedy)
        ready = in_floats(network)
        places = _places(ready, params)
        reporter = Part(context.reporter, 0.0, 0.8)
        calibration = calibration_of(
            ready, context.calibration, context.calibration_fingerprint, params.samples,
            context.seed, reporter, context.cache,
        )  # fmt: skip
        if calibration is None:
            raise UserError(
                TITLE,
                "The largest activations are read from samples, and there are none.",
                "Attach data, or use cross-layer equalization, which needs none.",
            )
        seen = peaks(ready, places, calibration.wide)
        made = smoothed(ready, places, seen, params.strength, context.reporter.check)
        after = peaks(made, places, calibration.quick)
        context.reporter.progress(1.0, 1.0, "Smoothed")
        note = (
            f"{len(places)} places: the largest channel was {unevenness(places, seen):.3g} times "
            f"the typical one, now {unevenness(places, after):.3g}"
        )
        return Outcome(made, (note,))


def _places(network: Network, params: SmoothQuantizationParams) -> tuple[Seam, ...]:
    found = seams(network)
    if params.places == "all":
        return found
    chosen = tuple(seam for seam in found if seam.matrix is None)
    if not chosen:
        raise UserError(
            TITLE,
            "No layer reads what a normalization makes for it alone.",
            "Choose all places between layers.",
        )
    return chosen
