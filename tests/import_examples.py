"""Small torch models as users save them, and files that pretend to be models."""

from __future__ import annotations

import json
import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

SOURCE = """
import torch
from torch import nn


class Picture(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        )
        self.head = nn.Linear(16, 5)

    def forward(self, image):
        return self.head(self.body(image))


class Series(nn.Module):
    def __init__(self):
        super().__init__()
        self.cells = nn.LSTM(6, 12, batch_first=True)
        self.head = nn.Linear(12, 4)

    def forward(self, samples):
        return self.head(self.cells(samples)[0][:, -1])


class Text(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(20, 16)
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, dropout=0.0)
        self.blocks = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 3)

    def forward(self, tokens):
        return self.head(self.blocks(self.table(tokens)).mean(1))


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(4, 2)

    def forward(self, left, right):
        return self.head(left) + self.head(right), left


def broken():
    raise RuntimeError("no such width")


def number():
    return 7
"""
SHAPES = {"Picture": (1, 3, 16, 16), "Series": (1, 10, 6), "Text": (1, 7)}


def module_file(folder: Path) -> Path:
    """Write the source of the example modules."""
    path = folder / "mynets.py"
    path.write_text(SOURCE)
    return path


def module(name: str) -> nn.Module:
    """Return one of the example modules, its weights the same every time."""
    space: dict[str, type[nn.Module]] = {}
    exec(compile(SOURCE, "mynets.py", "exec"), space)
    torch.manual_seed(0)
    return space[name]().eval()


def example(name: str, batch: int = 1) -> torch.Tensor:
    """Return an input of that module."""
    shape = (batch, *SHAPES[name][1:])
    generator = torch.Generator().manual_seed(1)
    if name == "Text":
        return torch.randint(0, 20, shape, generator=generator)
    return torch.randn(shape, generator=generator)


def save_pt2(folder: Path, name: str, dynamic: bool = True) -> Path:
    """Save a module with torch.export.save."""
    path = folder / f"{name.lower()}.pt2"
    sizes = ({0: torch.export.Dim("batch")},) if dynamic else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(module(name), (example(name, 2),), dynamic_shapes=sizes)
        torch.export.save(program, path)
    return path


def save_torchscript(folder: Path, name: str) -> Path:
    """Save a module with torch.jit.save."""
    path = folder / f"{name.lower()}.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = torch.backends.mha.get_fastpath_enabled()
        torch.backends.mha.set_fastpath_enabled(False)
        traced = torch.jit.trace(module(name), (example(name),), check_trace=False)
        torch.backends.mha.set_fastpath_enabled(before)
        torch.jit.save(traced, str(path))
    return path


def save_safetensors(path: Path, weights: Mapping[str, torch.Tensor]) -> Path:
    """Write weights in the safetensors format."""
    table, body = {}, b""
    for name, tensor in weights.items():
        numbers = tensor.detach().contiguous().numpy()
        kind = {"float32": "F32", "int64": "I64"}[str(numbers.dtype)]
        ends = [len(body), len(body) + numbers.nbytes]
        table[name] = {"dtype": kind, "shape": list(numbers.shape), "data_offsets": ends}
        body += numbers.tobytes()
    head = json.dumps({"__metadata__": {"format": "pt"}, **table}).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + body)
    return path


def onnx_with_data(folder: Path, location: str = "model.data") -> Path:
    """Write an ONNX model whose weights are in another file."""
    folder.mkdir(parents=True, exist_ok=True)
    weight = np.arange(12, dtype=np.float32).reshape(4, 3)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(weight, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    (folder / "model.data").write_bytes(weight.tobytes())
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def zipped(path: Path, *files: Path) -> Path:
    """Pack files, by their names alone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return path


class Trap:
    """What runs code when it is unpickled: it leaves a file behind."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return (exec, (f"open({str(self._trace)!r}, 'w').close()",))


def trap(trace: Path, protocol: int = pickle.DEFAULT_PROTOCOL) -> bytes:
    """Return a pickle that leaves the file `trace` behind where anything reads it."""
    return pickle.dumps(Trap(trace), protocol)


def answers(path: Path, value: np.ndarray) -> np.ndarray:
    """Return what onnxruntime answers with the model at `path`."""
    import onnxruntime

    session = onnxruntime.InferenceSession(
        onnx.load(path).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return np.asarray(session.run(None, {session.get_inputs()[0].name: value})[0])
