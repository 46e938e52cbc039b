"""A bundle for a report of a fault: versions, this computer, the log; none of the user's data."""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import platform
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

import tinystudio
from tinystudio.core import places
from tinystudio.core.files import write_whole
from tinystudio.measure.cpu import cpu_name, instruction_sets
from tinystudio.session.disk import disk_items
from tinystudio.session.runs import Runs
from tinystudio.session.scrubbing import without_paths
from tinystudio.session.settings import Settings, load_settings

PACKAGES = (
    "onnx", "onnx-ir", "onnxruntime", "onnxscript", "torch", "numpy", "pydantic", "pillow",
    "PySide6-Essentials", "pyqtgraph", "superqt", "qtawesome", "psutil", "zstandard", "pyarrow",
)  # fmt: skip
LAST_BYTES = 2_000_000  # of each log file
ENVIRONMENT = ("QT_", "OMP_", "OPENBLAS_", "XDG_SESSION_TYPE", "LANG", "LC_")
ABOUT = """\
Diagnostics of TinyStudio.

versions.json   the program, Python and the packages it uses
computer.json   system, processor, memory
settings.json   the program's settings, without names of files or projects
disk.json       how much is kept where
project.json    how many runs of which kind ended how in the open project
*.log           the program's log; paths are replaced by (path)

Models, data, names of folders and what was measured are not in here. Look through it before you
send it on.
"""


def save_diagnostics(output: Path, runs: Runs | None = None) -> tuple[str, ...]:
    """Write the bundle, whole or not at all, and return what is in it; raises `UserError`."""
    parts = {
        "READ ME.txt": ABOUT,
        "versions.json": _json(versions()),
        "computer.json": _json(computer()),
        "settings.json": _json(plain_settings(load_settings())),
        "disk.json": _json(
            [{"kind": it.id, "bytes": it.size_bytes, "files": it.files} for it in disk_items()]
        ),
        **({"project.json": _json(outcomes(runs))} if runs is not None else {}),
        **_logs(places.log()),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in parts.items():
            bundle.writestr(name, text)
    write_whole(output, packed.getvalue())
    return tuple(parts)


def versions() -> dict[str, str]:
    """Return the versions of the program and of what it stands on."""
    found = {"tinystudio": tinystudio.__version__, "python": sys.version.split()[0]}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def computer() -> dict[str, Any]:
    """Return what of this computer decides how the program runs."""
    memory = psutil.virtual_memory()
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "distribution": _distribution(),
        "processor": cpu_name(),
        "instruction_sets": list(instruction_sets()),
        "processors": os.cpu_count(),
        "memory_bytes": memory.total,
        "free_memory_bytes": memory.available,
        "is_bundled": bool(getattr(sys, "frozen", False)),
        "environment": {
            name: without_paths(value)
            for name, value in sorted(os.environ.items())
            if name.startswith(ENVIRONMENT)
        },
    }


def plain_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings with counts in the place of what names the user's files."""
    kept = settings.model_dump(mode="json")
    for name in ("recent_networks", "recent_projects", "folders", "trusted"):
        kept[name] = len(kept[name])
    kept["last_project"] = settings.last_project is not None
    return kept


def outcomes(runs: Runs) -> dict[str, Any]:
    """Return how many runs of which kind ended how, and what their problems were called."""
    states = Counter(f"{run.job.kind}: {run.state}" for run in runs)
    problems = [run.problem for run in runs if run.problem is not None]
    return {
        "runs": dict(states),
        "problems": [without_paths(f"{it.title}: {it.detail}") for it in problems[-20:]],
        "tracebacks": [without_paths(run.traceback) for run in runs if run.traceback][-5:],
    }


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except (OSError, AttributeError):  # not a Linux
        return platform.version()


def _logs(folder: Path) -> dict[str, str]:
    found = {}
    for file in sorted(folder.glob("*.log*")) if folder.is_dir() else []:
        try:
            text = file.read_bytes()[-LAST_BYTES:].decode("utf-8", "replace")
        except OSError:
            text = "could not be read"
        found[file.name] = without_paths(text)
    return found


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
