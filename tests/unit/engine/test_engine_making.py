"""Carrying out recipes, and opening what jobs refer to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from engine_examples import DYNAMIC, PRUNED, write_example

from tinystudio.core.cache import Cache
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.engine.artifacts import write_artifact
from tinystudio.engine.making import make
from tinystudio.engine.resolving import resolve_dataset, resolve_network
from tinystudio.jobs.recipe import Recipe


def test_a_recipe_continues_from_what_an_earlier_one_has_made(tmp_path: Path) -> None:
    network_path, data_path = write_example(tmp_path)
    cache = Cache()
    network = resolve_network(network_path, cache)
    dataset = resolve_dataset(data_path, 0, network, cache)
    first = make(network, PRUNED, dataset, 0, Silent(), cache)
    both = Recipe(steps=(*PRUNED.steps, *DYNAMIC.steps))
    second = make(network, both, dataset, 0, Silent(), cache)
    again = make(network, PRUNED, dataset, 0, Silent(), cache)
    assert again.network is first.network
    assert second.network.fingerprint != first.network.fingerprint
    assert second.notes[: len(first.notes)] == first.notes


def test_an_empty_recipe_is_the_network_itself(tmp_path: Path) -> None:
    network_path, _ = write_example(tmp_path)
    network = resolve_network(network_path, Cache())
    assert make(network, Recipe(), None, 0, Silent(), Cache()).network is network


def test_a_file_is_opened_once_and_again_when_it_changes(tmp_path: Path) -> None:
    network_path, _ = write_example(tmp_path)
    cache = Cache()
    first = resolve_network(network_path, cache)
    assert resolve_network(network_path, cache) is first
    os.utime(network_path, (1, 1))
    assert resolve_network(network_path, cache) is not first


def test_what_is_not_there_is_said_in_words() -> None:
    with pytest.raises(UserError, match="nowhere"):
        resolve_network("nowhere.onnx", Cache())
    with pytest.raises(UserError, match="no task"):
        resolve_network("gallery:nothing", Cache())


def test_an_artifact_is_named_by_what_it_holds_and_written_once(tmp_path: Path) -> None:
    first = write_artifact(tmp_path, b"network")
    inode = Path(first.path).stat().st_ino
    second = write_artifact(tmp_path, b"network")
    assert first == second
    assert Path(second.path).stat().st_ino == inode
    assert Path(first.path).name == f"{first.sha256}.onnx"


def test_a_damaged_artifact_is_written_again(tmp_path: Path) -> None:
    artifact = write_artifact(tmp_path, b"network")
    Path(artifact.path).write_bytes(b"net")
    write_artifact(tmp_path, b"network")
    assert Path(artifact.path).read_bytes() == b"network"
