"""Batch normalization that is not folded, or weights in twice the bits that anything needs."""

from __future__ import annotations

from typing import ClassVar

from tinystudio.advice.adviser import Advice, Adviser, Begin, UseRecipe
from tinystudio.advice.facts import Facts
from tinystudio.advice.figures import size_text
from tinystudio.jobs.inspection import Inspection
from tinystudio.jobs.recipe import Recipe, Step

FOLDS = "cross-layer-equalization"  # answers stay as they are, in floats
WIDE = 7.5  # bytes of a parameter, from which on it is a 64-bit float


class UnreadyGraph(Adviser):
    """Looks at what the file holds: nodes that could be part of others, numbers too wide."""

    id: ClassVar[str] = "unready-graph"
    place: ClassVar[int] = 70

    def look(self, facts: Facts) -> Advice | None:
        """Count normalizations and wide weights."""
        inspection = facts.inspection
        if inspection is None:
            return None
        return self._wide(facts, inspection) or self._unfolded(facts, inspection)

    def _wide(self, facts: Facts, inspection: Inspection) -> Advice | None:
        wide = [
            layer
            for layer in inspection.layers
            if layer.parameters and layer.weight_bytes >= WIDE * layer.parameters
        ]
        if not wide:
            return None
        taken = sum(layer.weight_bytes for layer in wide)
        return Advice(
            self.id,
            "The weights are in 64-bit floats: twice the file for no better answers.",
            f"{len(wide)} of {len(inspection.layers)} layers hold {size_text(taken)} of weights, "
            f"{size_text(taken / 2)} of which 32-bit floats would save. Most kernels, and all that "
            "compute in INT8, take 32-bit floats only.",
            Begin(
                "Open a 32-bit version…", "open-model",
                "Write the model again with 32-bit floats where it comes from, and open that.",
            ),
            facts.network,
            "wide",
        )  # fmt: skip

    def _unfolded(self, facts: Facts, inspection: Inspection) -> Advice | None:
        norms = [layer for layer in inspection.layers if layer.op == "BatchNormalization"]
        recipe = Recipe(steps=(Step.of(FOLDS),))
        if not norms or not facts.can(FOLDS) or facts.measured(recipe) is not None:
            return None
        parameters = sum(layer.parameters for layer in norms)
        return Advice(
            self.id,
            f"{len(norms)} batch normalizations could be part of the layers before them.",
            f"{len(norms)} of {len(inspection.layers)} nodes are batch normalizations with "
            f"{parameters:,} parameters. onnxruntime folds them whenever it loads the file; other "
            "runtimes may not, and each then costs a pass over its layer's outputs.",
            UseRecipe("Fold and equalize", recipe, measures=True),
            facts.network,
            "unfolded",
        )
