"""The wizards for one family of techniques each: what for, and the ways that serve it.

A technique of the family that no way names is offered all the same, with its own help.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tinystudio.core.params import Single
from tinystudio.jobs.recipe import Step
from tinystudio.techniques import techniques


@dataclass(frozen=True)
class Use:
    """A technique with those of its settings that are not the usual ones.

    With such settings it may need more of a model than by itself: where the technique `needs`
    cannot be used on it, this cannot either, for the model then is what it `lacks` to be.
    """

    technique: str
    settings: Mapping[str, Single] = field(default_factory=dict)
    needs: str = ""
    lacks: str = ""

    @property
    def step(self) -> Step:
        """Return the step that a recipe begins with."""
        return Step.of(self.technique, **self.settings)


@dataclass(frozen=True)
class Way:
    """What can be chosen: in a word, what it means, and the techniques it is done with."""

    title: str
    means: str
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Goal:
    """What somebody wants, what it costs them, and the ways to it, the usual one first."""

    title: str
    note: str
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class WizardKind:
    """One wizard. `id` is its action's."""

    id: str
    title: str
    families: tuple[str, ...]
    named: tuple[Goal, ...]

    @cached_property
    def goals(self) -> tuple[Goal, ...]:
        """Return the goals, the last with what the family has besides."""
        used = {use.technique for goal in self.named for way in goal.ways for use in way.uses}
        left = tuple(
            Way(part.title, " ".join(part.help.split("\n\n")[0].split()), (Use(id),))
            for id, part in techniques().items()
            if part.family in self.families and id not in used
        )
        others = Goal("Something else", "What else there is of this kind.", left)
        return (*self.named, others) if left else self.named


def _int8(processor: str) -> tuple[Way, ...]:
    """Return the ways to compute in INT8 on a processor."""
    on: dict[str, Single] = {"processor": processor}
    return (
        Way(
            "INT8",
            "Weights and values between layers become 8-bit whole numbers: up to four times "
            "smaller, small models less. Calibration samples show how far the values range.",
            (Use("static-quantization", on),),
        ),
        Way(
            "INT8, trained",
            "The weights are trained with the rounding in place, for where INT8 costs accuracy.",
            (Use("quantization-aware-training", on),),
        ),
        Way(
            "4-bit weights, INT8 values, trained",
            "Up to eight times smaller, small models less, at the speed of INT8. So few bits need "
            "training.",
            (Use("quantization-aware-training", {**on, "bits": "4"}),),
        ),
    )


NO_BLOCKS = "it has no blocks that can be left out."  # after "Not for this model: "

QUANTIZE = WizardKind(
    "quantize", "Quantize a model", ("quantization",),
    (
        Goal(
            "A small file",
            "Weights are stored in fewer bits and become floats again to compute: not faster.",
            (
                Way("4 bits",
                    "Up to eight times smaller, small models less. Large layers lose little, small "
                    "ones more.",
                    (Use("weight-only-quantization"),)),
                Way("8 bits",
                    "Up to four times smaller, small models less; the answers hardly change.",
                    (Use("weight-only-quantization", {"bits": 8}),)),
                Way("16-bit floats", "Half the size; the answers stay the same but for rounding.",
                    (Use("half-precision"),)),
                Way("As many bits as each layer needs",
                    "You set the average; layers that lose most from rounding get more bits.",
                    (Use("mixed-precision"),)),
                Way("A few shared values per layer",
                    "A layer's weights become entries of a small table; as fast as the original.",
                    (Use("weight-clustering"),)),
            ),
        ),
        Goal(
            "Speed on this computer",
            "Many processors multiply 8-bit whole numbers faster. It is timed on this computer.",
            (
                *_int8("this"),
                Way("INT8 after smoothing",
                    "For transformers: a few large values are moved into the weights first.",
                    (Use("smooth-quantization"), Use("static-quantization"))),
                Way("INT8 without calibration",
                    "Ranges are found at every call. For linear and recurrent layers.",
                    (Use("dynamic-quantization"),)),
            ),
        ),
        Goal("A phone", "The 8-bit types that ARM processors compute with directly.",
             _int8("arm")),
        Goal("A microcontroller",
             "Weights and values are signed 8-bit numbers: the only form Cortex-M kernels take.",
             _int8("cortex-m")),
    ),
)  # fmt: skip

PRUNE = WizardKind(
    "prune", "Prune a model", ("pruning",),
    (
        Goal(
            "Smaller and faster",
            "Whole channels or blocks go: less to compute on every processor.",
            (
                Way("Channels", "What stays is adjusted so that the answers change least.",
                    (Use("channel-pruning"),)),
                Way("Channels, then trained",
                    "A training on your samples makes up for what was removed, so more can go.",
                    (Use("channel-pruning"), Use("fine-tuning"))),
                Way("Blocks", "Leaves out whole residual blocks of a deep model.",
                    (Use("layer-removal"),)),
                Way("A narrower model, trained",
                    "Every layer gets narrower by the same share, and the original teaches it.",
                    (Use("student"), Use("distillation"))),
            ),
        ),
        Goal(
            "A smaller download",
            "Single weights become zero, which compresses well; unpacked, size and speed stay.",
            (
                Way("At once", "The weights that matter least become zero; the rest is adjusted.",
                    (Use("weight-pruning"),)),
                Way("In rounds, trained",
                    "Each round adds zeros and trains what is left: for many zeros.",
                    (Use("gradual-pruning"),)),
            ),
        ),
    ),
)  # fmt: skip

DISTIL = WizardKind(
    "distil", "Distil a model", ("distillation",),
    (
        Goal(
            "A small student",
            "The open model teaches a smaller one of its own kind.",
            (
                Way("A narrower student", "Every layer keeps a share of its channels.",
                    (Use("student", {"width": 0.5}), Use("distillation"))),
                Way("A shallower student", "Half of the repeated blocks stay, as wide as before.",
                    (Use("student", {"width": 1.0, "depth": 0.5}, "layer-removal", NO_BLOCKS),
                     Use("distillation"))),
                Way("A student from scratch",
                    "Its weights are drawn at random. Beside the first, it shows what inheriting "
                    "the original's weights gains.",
                    (Use("student", {"width": 0.5, "weights": "fresh"}), Use("distillation"))),
            ),
        ),
        Goal(
            "A better model of the same size",
            "A larger model of yours teaches the open one: choose it as the teacher.",
            (
                Way("By its answers", "The open model learns to answer as the teacher does.",
                    (Use("distillation"),)),
                Way("By its answers and what lies before",
                    "Values inside both are compared as well, where their shapes allow.",
                    (Use("distillation", {"inside": "hints"}),)),
            ),
        ),
        Goal(
            "Accuracy back after pruning",
            "Channels are removed; then the original teaches what is left.",
            (
                Way("Channels, then taught", "Compare it with “Channels, then trained” (Prune).",
                    (Use("channel-pruning"), Use("distillation"))),
            ),
        ),
    ),
)  # fmt: skip

KINDS = {kind.id: kind for kind in (QUANTIZE, PRUNE, DISTIL)}
