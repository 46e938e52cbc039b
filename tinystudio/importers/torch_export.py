"""From a torch module to ONNX: traced, then compared with what torch answers."""

from __future__ import annotations

import inspect
import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.importers.importer import SHAPE_HINT, InputShape, Say, Source
from tinystudio.importers.torch_program import (
    BATCH,
    EXPORT_AGAIN,
    first_words,
    program_of,
    program_to_onnx,
    without_notes,
)

if TYPE_CHECKING:
    import torch

Tensors = tuple["torch.Tensor", ...]

OPSET = 17  # has LayerNormalization; the newest that every operator of the tracing exporter knows
TOLERANCE = 1e-3  # of the largest answer; float32 sums in another order differ by less
TOKENS = 2  # integers of an example are below: ids that every table has


def module_to_onnx(module: torch.nn.Module, source: Source, say: Say) -> bytes:
    """Return `module` as ONNX, its batch left open where the module allows another one."""
    import torch

    torch.backends.mha.set_fastpath_enabled(False)  # one fused operator that ONNX does not have
    module.eval()
    examples = examples_of(source.settings.shapes)
    say("Running the model once")
    expected = _answers(module, examples, source)
    several = tuple(torch.cat((item, item)) for item in examples)
    expected_of_several = _answers_or_none(module, several)
    if expected_of_several is not None and _has_doubled(expected, expected_of_several):
        examples, expected, is_open = several, expected_of_several, True
    else:
        is_open = False
    say("Writing ONNX")
    data = _traced(module, examples, is_open, len(expected))
    if data is not None and _agrees(data, examples, expected):
        return data
    say("Writing ONNX in another way")
    data = program_to_onnx(program_of(module, examples, is_open, source), source)
    check_agreement(data, examples, expected, source)
    return data


def examples_of(shapes: Sequence[InputShape]) -> Tensors:
    """Return inputs of these shapes, the same ones every time."""
    import torch

    rng = np.random.default_rng(0)
    made = []
    for shape in shapes:
        if shape.dtype.startswith("float"):
            values = rng.standard_normal(shape.sizes).astype(shape.dtype)
        else:
            values = rng.integers(0, TOKENS, shape.sizes).astype(shape.dtype)
        made.append(torch.from_numpy(values))
    return tuple(made)


def check_agreement(
    data: bytes, examples: Sequence[torch.Tensor], expected: list[Array], source: Source
) -> None:
    """Raise `UserError` where onnxruntime does not answer as torch does."""
    if not _agrees(data, examples, expected):
        detail = "The converted model does not answer as the original does."
        raise UserError(source.title, detail, EXPORT_AGAIN)


def answers_as_arrays(result: Any) -> list[Array]:
    """Return the tensors of what a module has answered, in order."""
    import torch
    from torch.utils import _pytree

    leaves = _pytree.tree_leaves(result)
    return [item.detach().numpy() for item in leaves if isinstance(item, torch.Tensor)]


def _answers(module: torch.nn.Module, examples: Tensors, source: Source) -> list[Array]:
    import torch

    try:
        with torch.no_grad():
            answers = answers_as_arrays(module(*examples))
    except Exception as error:  # it is the user's code: anything may come
        given = " and ".join(str(shape) for shape in source.settings.shapes)
        detail = f"It does not run on inputs of shape {given}: {first_words(error)}."
        raise UserError(source.title, detail, SHAPE_HINT) from error
    if not answers:
        detail = "It answers with something else than tensors."
        raise UserError(source.title, detail, "Let `forward` return tensors.")
    return answers


def _answers_or_none(module: torch.nn.Module, examples: Tensors) -> list[Array] | None:
    import torch

    try:
        with torch.no_grad():
            return answers_as_arrays(module(*examples))
    except Exception:  # noqa: BLE001 - it is the user's code, and the batch then stays as it is
        return None


def _has_doubled(once: list[Array], twice: list[Array]) -> bool:
    return len(once) == len(twice) and all(
        a.ndim == b.ndim and a.ndim > 0 and (2 * a.shape[0], *a.shape[1:]) == b.shape
        for a, b in zip(once, twice, strict=True)
    )


def _traced(
    module: torch.nn.Module, examples: Tensors, is_open: bool, outputs: int
) -> bytes | None:
    """Return what torch's tracing exporter writes, or None where it does not know an operator."""
    import torch

    names = _input_names(module, len(examples))
    answers = ["output", *[f"output_{number}" for number in range(2, outputs + 1)]]
    axes = {name: {0: BATCH} for name in (*names, *answers)} if is_open else None
    training = torch.onnx.TrainingMode
    file: Any = io.BytesIO()  # which it takes, and does not declare
    is_script = isinstance(module, torch.jit.ScriptModule)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on the age of this exporter, and what it keeps
            torch.onnx.export(
                module, examples, file, dynamo=False, opset_version=OPSET,
                input_names=names, output_names=answers, dynamic_axes=axes,
                do_constant_folding=False,
                # Batch normalization is kept: what is trained here profits from it.
                training=training.EVAL if is_script else training.PRESERVE,
            )  # fmt: skip
    except Exception:  # noqa: BLE001 - torch raises many kinds; the other way says what is wrong
        return None
    return without_notes(onnx.load_model_from_string(file.getvalue()))


def _input_names(module: torch.nn.Module, count: int) -> list[str]:
    """Return the names of the parameters of `forward`, where it has so many."""
    import torch

    own = getattr(module, "input_names", None)  # of what was wrapped to take tensors in order
    if isinstance(own, tuple) and len(own) == count:
        return list(own)
    if isinstance(module, torch.jit.ScriptModule):
        forward: Any = module.forward
        found = [item.name for item in forward.schema.arguments[1:]]
    else:
        found = list(inspect.signature(module.forward).parameters)
    plain = [name for name in found[:count] if name not in ("args", "kwargs")]
    return plain if len(plain) == count else [f"input_{number}" for number in range(1, count + 1)]


def _agrees(data: bytes, examples: Sequence[torch.Tensor], expected: list[Array]) -> bool:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        names = [item.name for item in session.get_inputs()]
        feeds = {n: item.numpy() for n, item in zip(names, examples, strict=True)}
        found = session.run(None, feeds)
    except Exception:  # noqa: BLE001 - onnxruntime raises dozens of kinds; none of them agrees
        return False
    return len(found) == len(expected) and all(
        a.shape == b.shape and _is_close(a, b) for a, b in zip(found, expected, strict=True)
    )


def _is_close(found: Array, expected: Array) -> bool:
    scale = max(float(np.abs(expected.astype(np.float64)).max(initial=0.0)), 1e-6)
    apart = np.abs(found.astype(np.float64) - expected.astype(np.float64)).max(initial=0.0)
    return bool(apart <= TOLERANCE * scale) or bool(np.array_equal(found, expected))
