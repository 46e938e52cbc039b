"""torch.export archives."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from tinystudio.core.errors import UserError
from tinystudio.core.peeking import Peek
from tinystudio.importers.importer import Importer, Say, Source
from tinystudio.importers.torch_export import answers_as_arrays, check_agreement
from tinystudio.importers.torch_program import first_words, program_to_onnx

if TYPE_CHECKING:
    from torch.export import ExportedProgram


class Pt2(Importer):
    """A model saved by torch.export.save: its graph and weights. Such an archive can carry code
    that runs when it is read."""

    id = "pt2"
    title = "torch.export archive"
    suffixes = (".pt2",)
    runs_code = True

    def recognizes(self, peek: Peek) -> bool:
        """Torch marks its archives; older ones hold the program under this name."""
        return peek.holds("archive_format") or peek.holds("serialized_exported_program.json")

    def convert(self, source: Source, say: Say) -> bytes:
        """Load and write it; sizes that the export left open stay open."""
        say("Reading the archive")
        program = _load(source)
        say("Writing ONNX")
        data = program_to_onnx(program, source)
        if program.example_inputs is not None:
            say("Comparing the answers")
            _compare(program, data, source)
        return data


def _load(source: Source) -> ExportedProgram:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.export.load(io.BytesIO(source.data))
    except Exception as error:  # a damaged archive fails in any of its readers
        detail = f"torch.export could not read it: {first_words(error)}."
        hint = "Save it again with torch.export.save of torch 2.13 or earlier."
        raise UserError(source.title, detail, hint) from error


def _compare(program: ExportedProgram, data: bytes, source: Source) -> None:
    import torch

    args, named = program.example_inputs
    with torch.no_grad():
        expected = answers_as_arrays(program.module()(*args, **named))
    given = [*args, *named.values()]
    if all(isinstance(item, torch.Tensor) for item in given):
        check_agreement(data, given, expected, source)
