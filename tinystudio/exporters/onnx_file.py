"""ONNX: the very bytes that were measured."""

from __future__ import annotations

from pathlib import Path

from tinystudio.core.files import write_whole
from tinystudio.core.params import Params
from tinystudio.exporters.exporter import Exporter, Subject


class OnnxParams(Params):
    """Nothing to choose: the file is the one that was measured."""


class OnnxExporter(Exporter[OnnxParams]):
    """An ONNX file for onnxruntime on a desktop, a server or a small computer, and for most other
    runtimes and converters.

    The bytes are exactly those that were measured: accuracy, size and speed shown are of this
    file. Its metadata carry the recipe, the classes, how inputs are prepared, and the licence.
    """

    id = "onnx"
    title = "ONNX"
    suffix = ".onnx"
    params = OnnxParams

    def write(self, subject: Subject, params: OnnxParams, output: Path) -> tuple[Path, ...]:
        """Write the network's bytes."""
        write_whole(output, subject.network.data)
        return (output,)
