"""Recipe: how the network was made, to make it again or to do the same to another."""

from __future__ import annotations

import json
from pathlib import Path

from tinystudio.core.files import write_whole
from tinystudio.core.params import Params
from tinystudio.exporters.exporter import Exporter, Subject


class RecipeParams(Params):
    """Nothing to choose."""


class RecipeExporter(Exporter[RecipeParams]):
    """The recipe as a small JSON file: which techniques, in which order, with which settings.

    `tinystudio compress MODEL --data DATA --recipe FILE` carries it out again. The network itself
    is not in it.
    """

    id = "recipe"
    title = "Recipe (JSON)"
    suffix = ".json"
    params = RecipeParams
    runs_here = False

    def write(self, subject: Subject, params: RecipeParams, output: Path) -> tuple[Path, ...]:
        """Write the recipe, indented for people."""
        text = json.dumps(json.loads(subject.recipe_json), indent=2, ensure_ascii=False)
        write_whole(output, f"{text}\n".encode())
        return (output,)
