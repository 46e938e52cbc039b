"""ORT format: what onnxruntime's small mobile builds read."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

from tinystudio.core.errors import UserError
from tinystudio.core.files import unwritable, write_whole
from tinystudio.core.params import Params, choice
from tinystudio.exporters.exporter import Exporter, Subject
from tinystudio.measure.running import runtime_errors


class OrtParams(Params):
    """How far the graph is optimized before it is written."""

    optimization: Literal["basic", "extended", "all"] = choice(
        "extended",
        title="Optimization",
        help="What is fused for good when the file is written. 'Extended' runs anywhere; 'all' "
        "lays the weights out for the kind of CPU of this machine and may be slower, or not run, "
        "on others.",
        titles={
            "basic": "Basic: nothing that depends on onnxruntime's own operators",
            "extended": "Extended: runs on any machine",
            "all": "All: for CPUs like this one",
        },
    )


class OrtExporter(Exporter[OrtParams]):
    """The format for onnxruntime on phones and in apps built with its small “minimal” build, which
    cannot read ONNX files.

    On a desktop it is no gain: the same network ran 1.2 to 2.3 times slower from such a file than
    from ONNX in ordinary onnxruntime, because part of the optimization is skipped at loading. Its
    answers are the same. TinyStudio can measure this format but not change it: keep the ONNX file.
    """

    id = "ort"
    title = "ORT format (onnxruntime mobile)"
    suffix = ".ort"
    params = OrtParams

    def write(self, subject: Subject, params: OrtParams, output: Path) -> tuple[Path, ...]:
        """Let onnxruntime convert the network in a temporary folder, then write the result."""
        try:
            with tempfile.TemporaryDirectory(prefix="tinystudio-ort-") as folder:
                converted = _converted(subject, params, Path(folder) / "network.ort")
        except OSError as error:
            raise unwritable(output, error) from error
        write_whole(output, converted)
        return (output,)


def _converted(subject: Subject, params: OrtParams, beside: Path) -> bytes:
    import onnxruntime as ort

    levels = ort.GraphOptimizationLevel
    options = ort.SessionOptions()
    options.log_severity_level = 4  # errors arrive as exceptions; the rest is noise on stderr
    options.intra_op_num_threads = 1
    options.graph_optimization_level = {
        "basic": levels.ORT_ENABLE_BASIC,
        "extended": levels.ORT_ENABLE_EXTENDED,
        "all": levels.ORT_ENABLE_ALL,
    }[params.optimization]
    options.optimized_model_filepath = str(beside)
    options.add_session_config_entry("session.save_model_format", "ORT")
    try:
        ort.InferenceSession(subject.network.data, options, providers=["CPUExecutionProvider"])
    except runtime_errors() as error:
        raise UserError(
            "The ORT file was not written",
            f"onnxruntime could not convert the network: {_first_line(error)}.",
            "Export to ONNX instead.",
        ) from error
    return beside.read_bytes()


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")[:200]
