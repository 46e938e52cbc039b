"""TorchScript archives."""

from __future__ import annotations

import io
import warnings
from typing import Any

from tinystudio.core.errors import UserError
from tinystudio.core.peeking import Peek
from tinystudio.importers.importer import Importer, Say, Source
from tinystudio.importers.torch_export import module_to_onnx
from tinystudio.importers.torch_program import first_words


class TorchScript(Importer):
    """A model saved by torch.jit.save: weights with a program of their own. That program runs
    when the model is converted."""

    id = "torchscript"
    title = "TorchScript archive"
    suffixes = (".pt", ".ts", ".torchscript")
    runs_code = True
    needs_shapes = True

    def recognizes(self, peek: Peek) -> bool:
        """It has a folder of code beside its constants; a plain pickle of torch has neither."""
        has_code = any("/code/" in f"/{name}" for name in peek.names)
        return has_code and peek.holds("constants.pkl")

    def convert(self, source: Source, say: Say) -> bytes:
        """Load and write it, with the shapes that the user gave."""
        import torch

        say("Reading the archive")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                load: Any = torch.jit.load  # has no types
                module = load(io.BytesIO(source.data), map_location="cpu")
        except (RuntimeError, ValueError, EOFError, KeyError) as error:
            detail = f"torch.jit could not read it: {first_words(error)}."
            raise UserError(source.title, detail, "Save it again with torch.jit.save.") from error
        return module_to_onnx(module, source, say)
