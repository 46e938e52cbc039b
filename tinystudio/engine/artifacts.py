"""Networks on disk, named by their hash: written once, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from tinystudio.core.files import sha256, write_whole
from tinystudio.graph.trying import note_own
from tinystudio.jobs.variant import Artifact


def write_artifact(folder: Path, data: bytes) -> Artifact:
    """Write a network's bytes below `folder` and return where they are."""
    name = sha256(data)
    path = folder / f"{name}.onnx"
    if not path.is_file() or path.stat().st_size != len(data):
        write_whole(path, data)
        note_own(name)
    return Artifact(path=str(path), sha256=name, size_bytes=len(data))
