"""The values a numeric parameter can take: its steps, and how each is shown and read."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tinystudio.core.params import Kind, ParamSpec
from tinystudio.gui.number_marks import as_typed, localized

DEFAULT_STEPS = 100  # for a range that names no step
ROUND = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)  # steps between two ticks
HALVES = tuple(2**power for power in range(12))
MAX_TICKS = 20  # more would be a comb


@dataclass(frozen=True)
class Scale:
    """A numeric parameter's range in steps from its minimum. Stored values need not be on one."""

    minimum: float
    maximum: float
    step: float
    unit: str
    whole: bool

    @classmethod
    def of(cls, spec: ParamSpec) -> Scale:
        """Return the scale of a number or integer parameter."""
        if spec.minimum is None or spec.maximum is None:
            raise ValueError(f"parameter {spec.name} has no bounds")
        whole = spec.kind is Kind.INTEGER
        fallback = 1.0 if whole else (spec.maximum - spec.minimum) / DEFAULT_STEPS
        return cls(spec.minimum, spec.maximum, spec.step or fallback, spec.unit, whole)

    @property
    def positions(self) -> int:
        """Return the number of the last step; the last one may be shorter than the others."""
        return max(1, math.ceil((self.maximum - self.minimum) / self.step - 1e-9))

    @property
    def factor(self) -> float:
        """Return by what a value is multiplied to be shown."""
        return 100.0 if self.unit == "%" else 1.0

    @property
    def decimals(self) -> int:
        """Return how many decimals tell two steps apart."""
        shown = self.step * self.factor
        for decimals in range(6):
            if math.isclose(shown, round(shown, decimals), rel_tol=1e-6):
                return 0 if self.whole else decimals
        return 6

    def position(self, value: float) -> int:
        """Return the step nearest to a value."""
        return min(self.positions, max(0, round((value - self.minimum) / self.step)))

    def value(self, position: int) -> float | int:
        """Return the value at a step."""
        value = min(self.maximum, self.minimum + position * self.step)
        # Steps are decimal numbers: 3 * 0.1 is meant to be 0.3, not 0.30000000000000004.
        return round(value) if self.whole else round(value, 10)

    def text(self, value: float) -> str:
        """Return a value as it is shown, e.g. "40 %". A value between steps keeps its digits."""
        shown = value * self.factor
        text = f"{shown:.{self.decimals}f}"
        if not math.isclose(float(text), shown, rel_tol=1e-9, abs_tol=1e-12):
            text = f"{shown:.6g}"
        return f"{localized(text)} {self.unit}".rstrip()

    def read(self, text: str) -> float | int:
        """Read what somebody typed; raises ValueError with what is wrong in words."""
        bare = text.replace("%", "").replace("−", "-")
        bare = bare.removesuffix(self.unit) if self.unit != "%" else bare
        try:
            shown = float(as_typed(bare))
        except ValueError:
            raise ValueError(f"“{text}” is not a number") from None
        if self.whole and shown != round(shown):
            raise ValueError(f"{text} is not a whole number")
        value = shown / self.factor
        if not math.isfinite(value) or value > self.maximum * (1 + 1e-9) + 1e-12:
            raise ValueError(f"it can be at most {self.text(self.maximum)}")
        if value < self.minimum - abs(self.minimum) * 1e-9 - 1e-12:
            raise ValueError(f"it must be at least {self.text(self.minimum)}")
        return round(value) if self.whole else round(value, 12)

    def ticks(self) -> tuple[int, ...]:
        """Return the steps that get a tick: about ten, at round values.

        Where the range ends at a power of two, its values are multiples of one.
        """
        top = round(self.maximum / self.step)
        in_halves = self.whole and top >= MAX_TICKS and top.bit_count() == 1
        distances = HALVES if in_halves else ROUND
        last = max(1, self.positions // MAX_TICKS)
        every = next((d for d in distances if self.positions / d <= 10), last)
        before = self.minimum / self.step  # steps from 0 to the first
        first = round(before) if math.isclose(before, round(before), abs_tol=1e-6) else 0
        return tuple(at for at in range(self.positions + 1) if (first + at) % every == 0)
