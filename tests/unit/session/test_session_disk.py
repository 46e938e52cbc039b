"""What is kept on the disk is told by kind, and only what may go can be removed."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from session_events import whole_run

from tinystudio.core import places
from tinystudio.core.errors import UserError
from tinystudio.session.diagnostics import save_diagnostics
from tinystudio.session.disk import disk_items, remove
from tinystudio.session.runs import Runs
from tinystudio.session.settings import Settings, save_settings


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("cache", "data", "log", "config"):
        monkeypatch.setattr(places, name, lambda name=name: tmp_path / name)
    for path, size in (("cache/made/a.onnx", 100), ("cache/explorer/x/y.npy", 30),
                       ("cache/training/t", 7), ("data/imported/k/m.onnx", 50)):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"x" * size)
    artifacts = tmp_path / "p.tinystudio" / "artifacts"
    artifacts.mkdir(parents=True)
    (artifacts / "kept.onnx").write_bytes(b"x" * 11)
    (artifacts / "loose.onnx").write_bytes(b"x" * 13)
    return tmp_path


def test_sizes_are_told_by_kind(here: Path) -> None:
    found = {it.id: it for it in disk_items(here / "p.tinystudio", {"kept.onnx"})}
    assert (found["made"].size_bytes, found["explorer"].files) == (100, 1)
    assert found["variants"].size_bytes == 13 and found["project"].size_bytes == 11
    assert not found["imported"].is_removable and not found["training"].is_safe
    assert found["downloads"].size_bytes == 0


def test_only_what_is_named_goes(here: Path) -> None:
    assert remove(["made", "training"]) == 107
    sizes = {it.id: it.size_bytes for it in disk_items()}
    assert (sizes["made"], sizes["training"], sizes["explorer"]) == (0, 0, 30)
    with pytest.raises(UserError, match="projects refer"):
        remove(["imported"])
    assert (here / "data/imported/k/m.onnx").is_file()


def test_diagnostics_hold_the_log_and_name_no_files(here: Path) -> None:
    private = "/srv/people/ann"
    (here / "log").mkdir()
    (here / "log" / "tinystudio.log").write_text(f"ERROR {private}/secret.onnx was odd\n")
    save_settings(
        Settings(recent_networks=(f"{private}/secret.onnx",), last_project=f"{private}/p",
                 theme="dark"),
        here / "config" / "settings.json",
    )  # fmt: skip
    held = save_diagnostics(here / "d.zip", Runs(whole_run()))
    with zipfile.ZipFile(here / "d.zip") as bundle:
        parts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert set(parts) == set(held) and "ERROR (path).onnx was odd" in parts["tinystudio.log"]
    assert json.loads(parts["settings.json"])["theme"] == "dark"
    assert json.loads(parts["project.json"])["runs"] == {"variants: finished": 1}
    assert json.loads(parts["versions.json"])["onnxruntime"][0].isdigit()
    assert private not in "".join(parts.values())
