"""Writes a trained network as ONNX: readable names, its batch normalization kept."""

from __future__ import annotations

import itertools
import json
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from gallery_keyboard import KeyboardNetwork, written
from gallery_networks import outputs
from torch import nn

from tinystudio.core.data import Array, Dataset
from tinystudio.gallery.task import GalleryTask

OPSET = 17
TOLERANCE = 1e-4


def export(network: nn.Module, task: GalleryTask, dataset: Dataset) -> bytes:
    """Return the ONNX file; raises ValueError where onnxruntime does not agree with torch."""
    if isinstance(network, KeyboardNetwork):
        model = written(network.eval(), OPSET)
    else:
        output = "logits" if dataset.classes else "clean"
        model = _named(_written(network.eval(), dataset.test.inputs[0][:2], output))
    preprocessing = {
        "mean": dataset.preprocessing.mean,
        "scale": dataset.preprocessing.scale,
        "note": dataset.preprocessing.note,
    }
    metadata = {
        "title": task.title,
        "licence": task.licence,
        "source": task.source,
        "classes": json.dumps(dataset.classes),
        "preprocessing": json.dumps(preprocessing),
    }
    onnx.helper.set_model_props(model, metadata)
    model.producer_name, model.producer_version = "tinystudio", ""
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    _compare(network, data, dataset.test.inputs[0])
    return data


def _written(network: nn.Module, example: Array, output: str) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # PRESERVE keeps batch normalization; the exporter then warns that it does, and that the
        # tracing exporter is the older one.
        warnings.simplefilter("ignore")
        path = Path(folder) / "network.onnx"
        torch.onnx.export(
            network,
            (torch.from_numpy(example),),
            path,
            dynamo=False,
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
            input_names=["input"],
            output_names=[output],
            dynamic_axes={"input": {0: "batch"}, output: {0: "batch"}},
            opset_version=OPSET,
        )
        return onnx.load(path)


def _named(model: onnx.ModelProto) -> onnx.ModelProto:
    """Give every node its module's name and every tensor its maker's."""
    graph = model.graph
    fixed = {port.name for port in (*graph.input, *graph.output)}
    taken: set[str] = set()
    renamed: dict[str, str] = {}
    for node in graph.node:
        node.name = _free(_readable(node), taken)
        taken.add(node.name)
        for at, name in enumerate(node.output):
            if name and name not in fixed:
                renamed[name] = f"{node.name}.out{at or ''}"
    for node in graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        node.output[:] = [renamed.get(name, name) for name in node.output]
    del graph.value_info[:]
    return onnx.shape_inference.infer_shapes(model, strict_mode=True)


def _readable(node: onnx.NodeProto) -> str:
    """Return `block1.depthwise` for `/block1/depthwise/Conv`, and `add` for `/Add`."""
    *modules, operator = node.name.strip("/").split("/")
    return ".".join(modules) or operator.lower()


def _free(name: str, taken: set[str]) -> str:
    """Return `name`, numbered where another node of the same module has it."""
    numbered = (f"{name}_{number}" for number in itertools.count(1))
    return name if name not in taken else next(free for free in numbered if free not in taken)


def _compare(network: nn.Module, data: bytes, inputs: Array) -> None:
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (got,) = session.run(None, {"input": inputs})
    wanted = outputs(network, torch.from_numpy(inputs)).numpy()
    worst = float(np.abs(got - wanted).max())
    if worst > TOLERANCE:
        raise ValueError(f"onnxruntime differs from torch by {worst:.2g}")
