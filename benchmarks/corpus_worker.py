"""The process that opens the models of `corpus`, and says of each how it went."""

from __future__ import annotations

import json
import os
import tempfile
import traceback
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto, TensorProto, numpy_helper

from tinystudio.core.errors import UserError
from tinystudio.engine.inspecting import look_at
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network

DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"
Inputs = Callable[[], dict[str, Any] | None]
RTOL, ATOL = 1e-3, 1e-5  # float32 sums in another order; a wrong graph is off by far more


@cache
def node_cases() -> dict[str, Any]:
    """Return the cases that `onnx` generates, by name: a model and sets of inputs and outputs."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reference results divide by zero on purpose
        return {case.name: case for case in collect_testcases(None)}


def shipped_files() -> tuple[Path, ...]:
    """Return every model file in the package."""
    return tuple(sorted(DATA.glob("**/*.onnx")))


def main(pipe: Connection) -> None:
    """Take (kind, name) pairs as JSON until the pipe ends; answer each."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(null, stream)
    with tempfile.TemporaryDirectory(prefix="tinystudio-corpus-") as folder:
        while True:
            try:
                kind, name = json.loads(pipe.recv_bytes())
            except EOFError:
                return
            pipe.send_bytes(json.dumps(_answer(kind, name, Path(folder))).encode())


def _answer(kind: str, name: str, folder: Path) -> dict[str, str]:
    path, fed = {"node": _generated, "file": _shipped}[kind](name, folder)
    try:
        network = open_network(path)
        look_at(network, path.name)
        onnx.checker.check_model(fold_batch_normalization(network).model)
    except UserError as error:
        is_whole = path.name in error.title and bool(error.detail) and bool(error.hint)
        return {"how": "refused" if is_whole else "poorly refused", "text": str(error)}
    except Exception:  # noqa: BLE001 - that is what is looked for
        return {"how": "fault", "text": traceback.format_exc()}
    how, text = _compared(path, network, fed())
    return {"how": how, "text": text}


def _generated(name: str, folder: Path) -> tuple[Path, Inputs]:
    path, case = folder / "model.onnx", node_cases()[name]
    path.write_bytes(case.model.SerializeToString())
    sets = case.data_sets
    return path, lambda: _fed(case.model, sets[0][0]) if sets else None


def _shipped(name: str, _: Path) -> tuple[Path, Inputs]:
    return Path(name), lambda: _stored_inputs(Path(name))


def _fed(model: ModelProto, given: Any) -> dict[str, Any]:
    names = [item.name for item in model.graph.input]
    return {name: _value(value) for name, value in zip(names, given, strict=False)}


def _value(value: Any) -> Any:
    if isinstance(value, TensorProto):
        return numpy_helper.to_array(value)
    return value if isinstance(value, list) or value is None else np.asarray(value)


def _stored_inputs(path: Path) -> dict[str, Any] | None:
    """Return the inputs that lie beside a shipped model, where they are plain tensors."""
    folder = path.parent / "test_data_set_0"
    files = sorted(folder.glob("input_*.pb"), key=lambda item: int(item.stem.partition("_")[2]))
    model = onnx.load(path, load_external_data=False)
    try:
        values = [TensorProto.FromString(item.read_bytes()) for item in files]
        return _fed(model, values) if files or not model.graph.input else None
    except Exception:  # noqa: BLE001 - a sequence or an optional value
        return None


def _compared(path: Path, network: Network, fed: dict[str, Any] | None) -> tuple[str, str]:
    """Run file and opened graph in onnxruntime; say whether they answer alike."""
    if fed is None:
        return "no inputs", ""
    wanted = {port.name for port in network.inputs}
    fed = {name: value for name, value in fed.items() if name in wanted}
    original = path.read_bytes()
    try:
        expected, again = _run(original, fed), _run(original, fed)
    except Exception as error:  # noqa: BLE001 - onnxruntime raises dozens of kinds
        return "not run", str(error)[:200]
    if not _alike(expected, again):
        return "random", ""
    try:
        found = _run(network.data, fed)
    except Exception as error:  # noqa: BLE001 - as above: that it runs no more is the finding
        return "differs", f"it no longer runs: {error}"[:300]
    return ("same", "") if _alike(expected, found) else ("differs", "other numbers")


def _run(data: bytes, fed: Mapping[str, Any]) -> list[Any]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return list(session.run(None, dict(fed)))


def _alike(left: Any, right: Any) -> bool:
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(_alike, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_alike(left[key], right[key]) for key in left)
    if left is None or right is None:
        return left is right
    a, b = np.asarray(left), np.asarray(right)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    return bool(np.allclose(a, b, RTOL, ATOL, equal_nan=True))
