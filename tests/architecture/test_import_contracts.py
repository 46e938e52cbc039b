"""The import contracts hold, and each of them notices when it is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# contract -> a file and the import that breaks it
BREAKS = {
    "Layers point one way": ("core/files.py", "import tinystudio.graph.network"),
    "Qt only in the window": ("engine/engine.py", "import PySide6.QtCore"),
    "The window loads no engine library": ("gui/theme.py", "import onnxruntime"),
    "Metrics do not import one another": (
        "metrics/auc.py",
        "import tinystudio.metrics.accuracy",
    ),
    "Techniques do not import one another": (
        "techniques/weight_pruning.py",
        "import tinystudio.techniques.channel_pruning",
    ),
    "Exporters do not import one another": (
        "exporters/recipe_file.py",
        "import tinystudio.exporters.table_file",
    ),
    "Importers do not import one another": (
        "importers/pt2.py",
        "import tinystudio.importers.torchscript",
    ),
    "Data formats do not import one another": (
        "datasets/npz.py",
        "import tinystudio.datasets.rival",
    ),
    "Gallery tasks do not import one another": (
        "gallery/watch.py",
        "import tinystudio.gallery.breast",
    ),
    "Downloads do not import one another": (
        "downloads/mnist.py",
        "import tinystudio.downloads.cifar10",
    ),
    "Advisers do not import one another": (
        "advice/one_layer.py",
        "import tinystudio.advice.too_large",
    ),
    "Panels do not import one another": (
        "gui/panels/jobs.py",
        "import tinystudio.gui.panels.model_browser",
    ),
}


def lint(folder: Path) -> str:
    """Run the import linter over the tree in `folder` and return what it prints."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [*command, "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the program that a test may break."""
    shutil.copytree(ROOT / "tinystudio", tmp_path / "tinystudio")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_tree_keeps_every_contract(tree: Path) -> None:
    report = lint(tree)
    assert f"Contracts: {len(BREAKS)} kept, 0 broken." in report, report


@pytest.mark.parametrize("contract", BREAKS)
def test_a_broken_contract_is_noticed(tree: Path, contract: str) -> None:
    file, line = BREAKS[contract]
    if contract.startswith("Data formats"):
        (tree / "tinystudio/datasets/rival.py").write_text('"""A second format."""\n')
    path = tree / "tinystudio" / file
    path.write_text(path.read_text() + f"\n{line}\n")
    report = lint(tree)
    assert f"{contract} BROKEN" in report, report
