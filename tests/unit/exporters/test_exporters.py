"""What each target writes, and that it writes it whole or not at all."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from example_networks import Example, mlp, run

from tinystudio.core.data import Preprocessing
from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Conditions, Measurement
from tinystudio.core.reporter import Silent
from tinystudio.exporters import find_target
from tinystudio.exporters.exporter import Subject
from tinystudio.exporters.stamping import stamped
from tinystudio.gallery import find_task
from tinystudio.graph.opening import open_network
from tinystudio.measure.checking import check_written

RECIPE = '{"version": 1, "steps": [{"technique": "static-quantization"}]}'


@pytest.fixture(scope="module")
def example() -> Example:
    return mlp()


@pytest.fixture
def subject(example: Example) -> Subject:
    network = stamped(
        example.network,
        recipe_json=RECIPE,
        classes=("walk", "größer"),
        preprocessing=Preprocessing((0.5,), (2.0,), "centred"),
        licence="CC-BY-4.0",
    )
    return Subject(network, "small", RECIPE)


def write(target: str, subject: Subject, path: Path, **values: object) -> Path:
    part = find_target(target)
    assert part.write(subject, part.params(**values), path) == (path,)
    return path


def test_onnx_writes_the_very_bytes_that_were_measured(subject: Subject, tmp_path: Path) -> None:
    assert write("onnx", subject, tmp_path / "n.onnx").read_bytes() == subject.network.data


def test_the_onnx_file_says_what_it_is(subject: Subject, tmp_path: Path) -> None:
    session = onnxruntime.InferenceSession(write("onnx", subject, tmp_path / "n.onnx"))
    entries = session.get_modelmeta().custom_metadata_map
    assert json.loads(entries["tinystudio.recipe"]) == json.loads(RECIPE)
    assert json.loads(entries["tinystudio.classes"]) == ["walk", "größer"]
    assert json.loads(entries["tinystudio.preprocessing"])["mean"] == [0.5]
    assert entries["tinystudio.licence"] == "CC-BY-4.0"


def test_stamping_twice_gives_the_same_bytes(subject: Subject, example: Example) -> None:
    words = {"recipe_json": RECIPE, "classes": ("a",)}
    once = stamped(example.network, **words)
    assert stamped(once, **words).data == once.data == stamped(example.network, **words).data


def test_stamping_keeps_what_others_wrote(example: Example) -> None:
    network = example.network.with_metadata({"author": "somebody", "tinystudio.licence": "old"})
    entries = stamped(network, recipe_json=RECIPE).metadata
    assert entries["author"] == "somebody"
    assert "tinystudio.licence" not in entries


def test_what_a_gallery_file_says_in_its_own_words_is_not_said_twice() -> None:
    task = find_task("gallery:breast")
    network = open_network(task.network_path)
    entries = stamped(network, recipe_json=RECIPE, classes=("no", "yes"), licence="CC0").metadata
    assert "classes" not in entries
    assert json.loads(entries["tinystudio.classes"]) == ["no", "yes"]
    bare = stamped(network, recipe_json=RECIPE).metadata
    assert bare["classes"] == network.metadata["classes"]  # nothing new is known of them


@pytest.mark.parametrize("optimization", ["basic", "extended", "all"])
def test_the_ort_file_gives_the_same_answers_in_a_fresh_process(
    subject: Subject, example: Example, tmp_path: Path, optimization: str
) -> None:
    path = write("ort", subject, tmp_path / "n.ort", optimization=optimization)
    expected = run(subject.network, example.test.inputs)
    assert path.read_bytes() != subject.network.data
    assert all(c.passed for c in check_written(path, example.test, expected, Silent()))


def test_the_ort_file_keeps_what_the_network_says_about_itself(
    subject: Subject, tmp_path: Path
) -> None:
    session = onnxruntime.InferenceSession(write("ort", subject, tmp_path / "n.ort"))
    assert "tinystudio.recipe" in session.get_modelmeta().custom_metadata_map


def test_the_recipe_file_is_the_recipe(subject: Subject, tmp_path: Path) -> None:
    text = write("recipe", subject, tmp_path / "r.json").read_text()
    assert json.loads(text) == json.loads(RECIPE)


def test_the_table_has_a_row_per_variant_and_a_status_beside_each_figure(
    subject: Subject, tmp_path: Path
) -> None:
    figures = Measurement(
        score=0.91, score_interval=(0.9, 0.92), score_status="measured",
        latency_ms=1.5, latency_ms_status="predicted", warnings=("a", "b"),
        conditions=Conditions(cpu="some, cpu", instruction_sets=("avx2", "vnni")),
    )  # fmt: skip
    subject = replace(subject, measurements=(("original", Measurement()), ("INT8", figures)))
    text = write("csv", subject, tmp_path / "t.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["title"] for row in rows] == ["original", "INT8"]
    assert rows[0]["score"] == ""
    assert rows[0]["score_status"] == "unavailable"
    assert (rows[1]["score"], rows[1]["score_interval_low"]) == ("0.91", "0.9")
    assert rows[1]["latency_ms_status"] == "predicted"
    assert rows[1]["condition_cpu"] == "some, cpu"
    assert rows[1]["condition_instruction_sets"] == "avx2; vnni"


def test_a_table_can_do_without_conditions(subject: Subject, tmp_path: Path) -> None:
    subject = replace(subject, measurements=(("original", Measurement()),))
    text = write("csv", subject, tmp_path / "t.csv", conditions=False).read_text("utf-8-sig")
    assert "condition_cpu" not in text
    assert "latency_ratio_status" in text


def test_a_table_with_nothing_in_it_is_not_written(subject: Subject, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Nothing has been measured"):
        write("csv", subject, tmp_path / "t.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_title_is_never_carried_out_as_a_formula(subject: Subject, tmp_path: Path) -> None:
    subject = replace(subject, measurements=(("=1+1", Measurement(latency_ms=-0.5)),))
    text = write("csv", subject, tmp_path / "t.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert rows[0]["title"] == "'=1+1"
    assert rows[0]["latency_ms"] == "-0.5"


@pytest.mark.parametrize("target", ["onnx", "ort", "recipe", "csv"])
def test_where_nothing_can_be_written_there_is_one_clear_error_and_no_file(
    subject: Subject, tmp_path: Path, target: str
) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"in the way")
    with pytest.raises(UserError, match="was not written"):
        write(target, subject, blocked / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_network_that_onnxruntime_refuses_is_an_error_in_words(
    subject: Subject, tmp_path: Path
) -> None:
    node = subject.network.nodes[0].__class__()
    node.CopyFrom(subject.network.nodes[0])
    node.domain = "nobody.knows"
    nodes = (node, *subject.network.nodes[1:])
    broken = subject.network.with_nodes(nodes, subject.network.weights)
    with pytest.raises(UserError) as caught:
        write("ort", replace(subject, network=broken), tmp_path / "n.ort")
    assert "onnxruntime could not convert" in caught.value.detail
    assert not np.any([p.suffix == ".ort" for p in tmp_path.iterdir()])
