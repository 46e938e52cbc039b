"""From a program of torch.export to ONNX."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import onnx

from tinystudio.core.errors import UserError
from tinystudio.importers.importer import Source

if TYPE_CHECKING:
    import torch
    from torch.export import ExportedProgram

MOST_WORDS = 300  # characters of another program's error
BATCH = "batch"
EXPORT_AGAIN = "Export it to ONNX in the program that made it, and open that file."


def program_to_onnx(program: ExportedProgram, source: Source) -> bytes:
    """Return a program as ONNX; raises `UserError`. Sizes that it leaves open stay open."""
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = torch.onnx.export(program, dynamo=True, verbose=False)
    except Exception as error:  # the exporter passes on what any of its passes raises
        detail = f"torch could not write it as ONNX: {first_words(error.__cause__ or error)}."
        raise UserError(source.title, detail, EXPORT_AGAIN) from error
    assert made is not None  # as it is where it writes no file
    return without_notes(made.model_proto)


def program_of(
    module: torch.nn.Module, examples: tuple[torch.Tensor, ...], is_open: bool, source: Source
) -> ExportedProgram:
    """Return a module as a program; raises `UserError`. Examples of an open batch hold several."""
    import torch
    from torch._export.converter import TS2EPConverter

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if isinstance(module, torch.jit.ScriptModule):
                module = TS2EPConverter(module, examples).convert().module()
            sizes = tuple({0: torch.export.Dim.AUTO} for _ in examples) if is_open else None
            return torch.export.export(module, examples, dynamic_shapes=sizes)
    except Exception as error:  # what the module or any of torch's passes raises
        detail = f"torch could not export it: {first_words(error)}."
        raise UserError(source.title, detail, EXPORT_AGAIN) from error


def without_notes(model: onnx.ModelProto) -> bytes:
    """Return a model without what an exporter notes for its authors: it would count as size.

    An open size that torch has numbered (s77) is called the batch where it is the first.
    """
    for item in (model, model.graph, *model.graph.node):
        item.doc_string = ""
        del item.metadata_props[:]
    for info in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        del info.metadata_props[:]
    for tensor in model.graph.initializer:
        del tensor.metadata_props[:]
    _name_batch(model.graph)
    return bytes(model.SerializeToString())


def first_words(error: BaseException) -> str:
    """Return the sentence of another program's error that says most, for a sentence of ours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    # TorchScript tells where it was first, and what went wrong last.
    line = lines[-1] if "TorchScript interpreter" in lines[0] else lines[0]
    return line[:MOST_WORDS].rstrip(".:")


def _name_batch(graph: onnx.GraphProto) -> None:
    shapes = [info.type.tensor_type.shape.dim for info in graph.input]
    old = next((sizes[0].dim_param for sizes in shapes if sizes and sizes[0].dim_param), "")
    for info in (*graph.input, *graph.output, *graph.value_info):
        for size in info.type.tensor_type.shape.dim:
            if old and size.dim_param == old:
                size.dim_param = BATCH
