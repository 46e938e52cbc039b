"""The process that opens damaged files for `fuzz`, and says of each how it went."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

PROJECT = "damaged.tinystudio"


def main(pipe: Connection) -> None:
    """Take (kind, file) pairs as JSON until the pipe ends; answer each."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(null, stream)  # libraries print about damaged files
    with tempfile.TemporaryDirectory(prefix="tinystudio-fuzz-") as folder:
        os.environ["XDG_CACHE_HOME"] = folder  # where data keeps its rows; not among the user's
        _serve(pipe)


def _serve(pipe: Connection) -> None:
    while True:
        try:
            kind, name = json.loads(pipe.recv_bytes())
        except EOFError:
            return
        pipe.send_bytes(json.dumps(_answer(kind, Path(name))).encode())


def _answer(kind: str, path: Path) -> dict[str, str]:
    from tinystudio.core.errors import UserError

    try:
        _open(kind, path)
    except UserError as error:
        name = "damaged" if kind == "project" else path.name
        is_named = (
            name in f"{error.title} {error.detail}" and bool(error.detail) and bool(error.hint)
        )
        return {"how": "refused" if is_named else "unnamed", "text": str(error)}
    except Exception:  # noqa: BLE001 - that is what is looked for
        return {"how": "fault", "text": traceback.format_exc()}
    return {"how": "opened", "text": ""}


def _open(kind: str, path: Path) -> None:
    from tinystudio.datasets import read_dataset
    from tinystudio.engine.inspecting import look_at
    from tinystudio.graph.opening import open_network
    from tinystudio.importers.importer import ImportSettings, Source
    from tinystudio.importers.onnx_archive import OnnxArchive
    from tinystudio.importers.safetensors import read_weights

    source = Source(path, path.read_bytes(), ImportSettings())
    match kind:
        case "onnx":
            look_at(open_network(path), path.name)
        case "npz" | "csv" | "txt":
            read_dataset(path, 0)
        case "png" | "wav" | "tsv":
            read_dataset(path.parents[1], 0)
        case "zip":
            OnnxArchive().convert(source, lambda _: None)
        case "safetensors":
            read_weights(source)
        case _:
            _open_project(path)


def _open_project(database: Path) -> None:
    from tinystudio.session.project import open_project

    with tempfile.TemporaryDirectory(prefix="tinystudio-fuzz-") as folder:
        project = Path(folder) / PROJECT
        (project / "artifacts").mkdir(parents=True)
        shutil.copy(database, project / "project.sqlite")
        with open_project(project) as opened:
            opened.memory()
