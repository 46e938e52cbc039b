"""What is said about a network before anything is done to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from engine_examples import work_in, write_example

from tinystudio.core.errors import UserError
from tinystudio.engine.inspecting import inspect
from tinystudio.jobs.events import Event, Inspected
from tinystudio.jobs.inspection import Inspection
from tinystudio.jobs.job import InspectJob
from tinystudio.techniques import techniques


def look(folder: Path, network: str, data: str | None) -> Inspection:
    said: list[Event] = []
    inspect(InspectJob(network=network, data=data), work_in(folder, said))
    (found,) = (event for event in said if isinstance(event, Inspected))
    return found.inspection


def test_an_inspection_has_layers_groups_data_and_a_judgement_of_every_technique(
    tmp_path: Path,
) -> None:
    network, data = write_example(tmp_path, images=True)
    found = look(tmp_path, network, data)
    assert found.title == "net.onnx"
    assert found.size_bytes == Path(network).stat().st_size
    assert found.parameters == sum(layer.parameters for layer in found.layers)
    assert {layer.name for layer in found.layers} >= {"conv1", "conv2", "conv3", "fc"}
    assert {item.technique for item in found.preflight} == set(techniques())
    assert all(item.reason for item in found.preflight if item.status != "can")
    assert all((item.seconds is None) == (item.status == "cannot") for item in found.preflight)
    assert found.data is not None
    assert found.data.test > 0


def test_layers_that_can_only_shrink_together_name_the_same_group(tmp_path: Path) -> None:
    network, _ = write_example(tmp_path, images=True)
    found = look(tmp_path, network, None)
    group_of = {layer.name: layer.group for layer in found.layers}
    assert group_of["conv1"] == group_of["conv2"]  # they are added up
    assert {group.id for group in found.groups} >= {group_of["conv1"]}
    assert found.data is None


def test_data_of_another_shape_is_refused_naming_both_shapes(tmp_path: Path) -> None:
    network, _ = write_example(tmp_path)
    np.savez(tmp_path / "other.npz", x=np.zeros((40, 7), "f4"), y=np.arange(40) % 2)
    with pytest.raises(UserError) as caught:
        look(tmp_path, network, str(tmp_path / "other.npz"))
    assert "24" in caught.value.detail
    assert "7" in caught.value.detail
