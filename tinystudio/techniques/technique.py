"""What every technique is: one file, one typed declaration, one `apply`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Literal, TypeVar

from tinystudio.core.cache import Cache
from tinystudio.core.checkpoint import Checkpoint
from tinystudio.core.data import Samples
from tinystudio.core.params import Params
from tinystudio.core.reporter import Reporter
from tinystudio.graph.network import Network

P = TypeVar("P", bound=Params)


@dataclass(frozen=True)
class Context:
    """What a technique may use besides the network it is given.

    `original` is the network before the recipe's first step: what accuracy is compared with.
    `cache` keeps calibration results between calls; key with `network.fingerprint`.
    `calibration_fingerprint` names the calibration samples, for cache keys; where they come from a
    dataset it names that, and so `train` as well. `metric` is what answers are judged by.
    `checkpoint` is where a training keeps how far it is; None: it begins anew every time.
    `models` are those that the parameters name, opened, by what they are called there.
    `validation` is what variants are compared on: nothing learns from it or is chosen by it, but
    whether a training was worth it.
    """

    original: Network
    calibration: Samples | None
    calibration_fingerprint: str
    seed: int
    reporter: Reporter
    cache: Cache
    train: Samples | None = None
    metric: str = "accuracy"
    checkpoint: Checkpoint | None = None
    models: Mapping[str, Network] = field(default_factory=dict)
    validation: Samples | None = None


@dataclass(frozen=True)
class Control:
    """The value of a parameter with which a technique does without what it is about."""

    param: str
    value: str | float
    title: str


RANDOM_CONTROL = Control("importance", "random", "random")


@dataclass(frozen=True)
class Outcome:
    """The new network, and what the user should know about how it came to be."""

    network: Network
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preflight:
    """What can be done with a network: status, the reason for what cannot, what would help."""

    status: Literal["can", "partly", "cannot"]
    reason: str
    remedy: str = ""


class Technique(ABC, Generic[P]):
    """One way to make a network smaller. A subclass's docstring is its help text, with source.

    Importing the file loads no torch and no onnxruntime: import those inside `apply`.
    `id` is a released word and never changes.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    family: ClassVar[Literal["pruning", "quantization", "distillation", "training", "other"]]
    params: type[P]
    needs_calibration: ClassVar[bool] = False
    trains: ClassVar[bool] = False  # takes seconds to hours: what it made is kept on the disk
    pace: ClassVar[float] = 3.0  # plain passes that one of its takes, as seen on the gallery
    slider: ClassVar[str | None] = None  # the parameter that a sweep varies by default
    control: ClassVar[Control | None] = None  # what makes of it something to be beaten
    # Parameters that change nothing where another technique (its id) cannot be used, and why.
    needs: ClassVar[Mapping[str, tuple[str, str]]] = {}

    @property
    def help(self) -> str:
        """Return the help text."""
        return (type(self).__doc__ or "").strip()

    @abstractmethod
    def describe(self, params: P) -> str:
        """Return these parameters in two or three words, e.g. "channels −50 %"."""

    @abstractmethod
    def preflight(self, network: Network) -> Preflight:
        """Judge from facts and walls, within milliseconds, what can be done with `network`."""

    @abstractmethod
    def apply(self, network: Network, params: P, context: Context) -> Outcome:
        """Return the compressed network; `network` stays as it was.

        Same seed, same result. Calls `context.reporter.check()` between batches. The result
        passes onnx.checker and runs in onnxruntime. Raises `UserError` where it cannot.
        """

    def check(self, network: Network, params: P, context: Context) -> None:
        """Raise `UserError` for parameters with which `apply` is sure to fail.

        Called with the original before a recipe's first step: nobody waits for the steps before
        one that cannot be carried out. What the pre-flight knows need not be said again.
        """

    def passes(self, params: P, train: int, calibration: int) -> float:
        """Return how many samples go through the network, about: what `apply` takes grows so.

        `train` and `calibration` are how many there are. A training goes forth and back, which
        takes three times a way forth.
        """
        if not self.trains:
            return float(min(calibration, getattr(params, "samples", calibration)))
        return 3.0 * float(getattr(params, "epochs", 1.0)) * train

    def reads(self, params: P) -> int:
        """Return how many calibration samples decide at most what is made; 0: none does.

        Samples on which outputs are only compared do not count.
        """
        return int(getattr(params, "samples", 0))

    def example(self, network: Network) -> P:
        """Return parameters that change `network`: the defaults, where those do."""
        return self.params()

    def series(self, params: P) -> str:
        """Return which series a variant made so belongs to in the plots."""
        return self.id
