"""What a wizard is about: the open model, its data, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tinystudio.core.measurement import Measurement
from tinystudio.gui.model_choices import ModelChoice
from tinystudio.jobs.inspection import Inspection
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.baseline import as_against, baseline_words
from tinystudio.session.front import Limits
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.sweeps import Vary


@dataclass(frozen=True)
class Subject:
    """The open model as the wizard's owner knows it. `network` None: nothing is open."""

    network: str | None = None
    data: str | None = None
    title: str = ""
    inspection: Inspection | None = None
    original: Measurement | None = None
    recipe: Recipe = field(default_factory=Recipe)
    seconds_per_variant: float | None = None  # from what was measured so far
    measuring_s: float | None = None  # what they took beyond being made
    models: tuple[ModelChoice, ...] = ()  # others at hand
    baseline: ProjectVariant | None = None  # None: the original
    made: tuple[ProjectVariant, ...] = ()  # what is measured already, and holds

    def made_by(self, recipe: Recipe) -> ProjectVariant | None:
        """Return the variant that this very recipe has made already."""
        return next((item for item in self.made if item.variant.recipe == recipe), None)

    @property
    def reference(self) -> Measurement | None:
        """Return the figures that losses are counted from and changes are told against."""
        return self.original if self.baseline is None else self.baseline.measurement

    @property
    def reference_words(self) -> str:
        """Return what those are figures of."""
        return baseline_words(self.baseline)

    def compared(self, figures: Measurement) -> Measurement:
        """Return figures told against the original as they stand to the baseline."""
        return as_against(figures, self.baseline)


@dataclass(frozen=True)
class Plan:
    """What the Compress wizard asks for: one recipe, or ranges of its parameters with limits."""

    recipe: Recipe
    varied: tuple[Vary, ...] = ()
    limits: Limits = field(default_factory=Limits)

    @property
    def count(self) -> int:
        """Return how many variants will be made."""
        count = 1
        for vary in self.varied:
            count *= len(vary.values)
        return count
