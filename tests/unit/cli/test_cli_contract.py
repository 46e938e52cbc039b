"""What scripts rely on: the keys of every command's JSON document, and the exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_words import MEASUREMENT_KEYS, PRUNE, TASK, in_json

from tinystudio.cli.main import run
from tinystudio.gallery import gallery
from tinystudio.session.project import open_project

Capture = pytest.CaptureFixture[str]


def test_the_gallery_says_what_to_look_at_and_what_is_not_built_in(capsys: Capture) -> None:
    assert run(["gallery"]) == 0
    told = capsys.readouterr().out
    assert gallery()["scratches"].look_at in told
    assert "Not built in" in told and "traffic signs" in told


def test_the_gallery_is_listed_by_the_words_that_name_its_tasks(capsys: Capture) -> None:
    listed = in_json(capsys, "gallery")
    assert TASK in [task["id"] for task in listed]
    assert all(task["title"] and task["licence"] for task in listed)


def test_techniques_are_listed_with_bounds_and_defaults(capsys: Capture) -> None:
    listed = {part["id"]: part for part in in_json(capsys, "techniques")}
    assert {"channel-pruning", "weight-pruning", "static-quantization"} <= set(listed)
    sparsity = listed["channel-pruning"]["parameters"][0]
    assert (sparsity["name"], sparsity["default"], sparsity["maximum"]) == ("sparsity", 0.5, 0.95)


def test_targets_are_listed_with_what_stands_in_their_way(capsys: Capture) -> None:
    listed = {part["id"]: part for part in in_json(capsys, "targets")}
    assert listed["onnx"]["unavailable"] is None
    assert listed["onnx"]["suffix"] == ".onnx"


def test_inspect_says_facts_layers_groups_and_preflight(capsys: Capture) -> None:
    found = in_json(capsys, "inspect", TASK)
    assert {"parameters", "macs", "inputs", "outputs", "layers", "groups"} <= set(found)
    assert {item["technique"] for item in found["preflight"]} >= {"channel-pruning"}
    assert {item["status"] for item in found["preflight"]} <= {"can", "partly", "cannot"}
    assert sum(layer["parameters"] for layer in found["layers"]) == found["parameters"]


def test_evaluate_prints_one_measurement_on_the_test_split(capsys: Capture) -> None:
    found = in_json(capsys, "evaluate", TASK, "--data", TASK)
    assert set(found) >= MEASUREMENT_KEYS
    assert found["split"] == "test"
    assert found["accuracy"] == found["score"]
    low, high = found["accuracy_interval"]
    assert low <= found["accuracy"] <= high


def test_a_figure_that_was_not_taken_is_null_and_says_so(capsys: Capture) -> None:
    found = in_json(capsys, "evaluate", TASK, "--data", TASK)
    assert (found["latency_ms"], found["latency_ms_status"]) == (None, "unavailable")


def test_compress_prints_recipe_and_both_measurements(capsys: Capture, tmp_path: Path) -> None:
    output = tmp_path / "small.onnx"
    found = in_json(
        capsys, "compress", TASK, "--data", TASK, *PRUNE, "--output", str(output), "--no-time"
    )
    assert set(found) == {"output", "recipe", "original", "variant"}
    assert found["recipe"]["version"] == 1
    assert found["recipe"]["steps"][0]["technique"] == "channel-pruning"
    assert found["variant"]["size_bytes"] == output.stat().st_size
    assert found["variant"]["size_bytes"] < found["original"]["size_bytes"]


def test_a_written_recipe_does_what_its_steps_did(capsys: Capture, tmp_path: Path) -> None:
    first, second, recipe = (tmp_path / name for name in ("a.onnx", "b.onnx", "recipe.json"))
    words = ("compress", TASK, "--data", TASK, "--no-time", "--output")
    in_json(capsys, *words, str(first), *PRUNE)
    recipe.write_text(
        '{"version": 1, "steps": [{"technique": "channel-pruning", "sparsity": 0.5}]}'
    )
    in_json(capsys, *words, str(second), "--recipe", str(recipe))
    assert first.read_bytes() == second.read_bytes()


def test_export_names_the_files_and_every_check(capsys: Capture, tmp_path: Path) -> None:
    output = tmp_path / "out.onnx"
    found = in_json(
        capsys, "export", TASK, "--data", TASK, "--to", "onnx", "--output", str(output)
    )  # fmt: skip
    assert found["artifacts"][0]["size_bytes"] == output.stat().st_size
    assert found["checks"]
    assert all(check["passed"] for check in found["checks"])


def test_profile_against_times_both_and_gives_a_verdict(capsys: Capture, tmp_path: Path) -> None:
    small = tmp_path / "small.onnx"
    in_json(capsys, "compress", TASK, "--data", TASK, *PRUNE, "--output", str(small), "--no-time")
    found = in_json(capsys, "profile", str(small), "--against", TASK)
    assert found["variant"]["latency_ratio_status"] == "measured"
    assert found["variant"]["verdict"] in ("faster", "same", "slower", "unknown")
    assert found["original"]["latency_ms"] > 0


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["fly"],
        ["evaluate", TASK],
        ["profile", TASK, "--threads", "0"],
        ["profile", TASK, "--threads", "100000"],
        ["evaluate", TASK, "--data", TASK, "--seed", "-1"],
        ["compress", TASK, "--data", TASK, "--output", "x.onnx"],
        ["sweep", TASK, "--data", TASK, *PRUNE, "--project", "p"],
    ],
)
def test_wrong_usage_ends_with_2_and_shows_the_usage(words: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        run(words)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("usage: tinystudio")


def test_for_people_the_same_is_printed_in_words(capsys: Capture) -> None:
    assert run(["evaluate", TASK, "--data", TASK]) == 0
    said = capsys.readouterr()
    assert "accuracy" in said.out
    assert "n=114" in said.out
    assert "{" not in said.out


def test_a_sweep_ranks_on_validation_and_measures_the_best_on_test(
    capsys: Capture, tmp_path: Path
) -> None:
    words = (
        "sweep", TASK, "--data", TASK, "--step", "channel-pruning", "--step",
        "static-quantization", "--vary", "1.sparsity=0:0.5:0.25", "--random-control",
        "--project", str(tmp_path / "p"), "--goal", "accuracy_drop<=0.02", "--no-time",
    )  # fmt: skip
    found = in_json(capsys, *words)
    by_id = {item["id"]: item for item in found["variants"]}
    assert len(by_id) == 1 + 3 + 3
    assert [item["series"] for item in found["variants"]].count("random-control") == 3
    assert {item["measurement"]["split"] for item in found["variants"]} == {"validation"}
    assert set(found["front"]) <= set(by_id)
    assert found["best"]["test"]["split"] == "test"
    assert found["best"]["id"] in by_id
    assert by_id[found["best"]["id"]]["series"] != "random-control"
    with open_project(tmp_path / "p") as project:
        assert len(project.memory().events) > len(by_id)


def test_a_sweep_started_again_measures_only_what_is_new(capsys: Capture, tmp_path: Path) -> None:
    words = ("sweep", TASK, "--data", TASK, *PRUNE, "--no-time", "--project", str(tmp_path / "p"))
    first = in_json(capsys, *words, "--vary", "sparsity=0.25,0.5")
    run([*words, "--vary", "sparsity=0.25,0.5,0.75", "--json"])
    said = capsys.readouterr()
    assert "channels −75 % (1 of 1)" in said.err
    assert "channels −25 % (1 of" not in said.err
    assert len(first["variants"]) == 3


def test_when_no_variant_keeps_to_the_goals_there_is_no_best(
    capsys: Capture, tmp_path: Path
) -> None:
    found = in_json(
        capsys, "sweep", TASK, "--data", TASK, *PRUNE, "--vary", "sparsity=0.5",
        "--project", str(tmp_path / "p"), "--goal", "size_bytes<=10", "--no-time",
    )  # fmt: skip
    assert found["best"] is None
    assert found["variants"]
