"""Explore from the command line: what is predicted is what is then measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

TASK = "gallery:vowels"


def tinystudio(*words: str) -> tuple[Any, str]:
    """Run a command with --json; return its document and what it said on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "tinystudio", *words, "--json"],
        capture_output=True, encoding="utf-8", timeout=240, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("explore") / "vowels"
    said = tinystudio(
        "explore", TASK, "--data", TASK, "--project", str(folder), "--measure", "5",
        "--goal", "accuracy_drop<=0.02",
    )  # fmt: skip
    return (*said, folder)


def test_the_front_goes_from_large_to_small_and_says_that_it_is_predicted(explored: Any) -> None:
    document, _, _ = explored
    figures = [entry["predicted"] for entry in document["front"]]
    sizes = [item["size_bytes"] for item in figures]
    assert len(sizes) > 5
    assert sizes == sorted(sizes, reverse=True)
    assert {item["accuracy_status"] for item in figures} == {"predicted"}
    assert all(item["latency_ms_status"] == "predicted" for item in figures)
    assert document["database"]["stage"] == "complete"


def test_what_was_predicted_is_what_is_measured(explored: Any) -> None:
    document, _, _ = explored
    pairs = [(e["predicted"], e["measured"]) for e in document["front"] if e["measured"]]
    assert len(pairs) >= 3
    inside = 0
    for predicted, measured in pairs:
        assert measured["accuracy_status"] == "measured"
        assert measured["size_bytes"] == pytest.approx(predicted["size_bytes"], rel=0.02)
        low, high = predicted["accuracy_interval"]
        inside += low <= measured["accuracy"] <= high
    assert inside >= len(pairs) - 1


def test_the_best_is_measured_on_test_and_much_smaller(explored: Any) -> None:
    document, said, _ = explored
    best = document["best"]
    original = document["variants"][0]["measurement"]
    assert best["test"]["split"] == "test"
    assert best["measurement"]["size_bytes"] < original["size_bytes"] / 4
    assert best["measurement"]["score_change"] >= -0.02
    assert "Trying every level" in said


def test_a_second_time_nothing_is_built_again(explored: Any) -> None:
    before, _, folder = explored
    document, said = tinystudio(
        "explore", TASK, "--data", TASK, "--project", str(folder), "--measure", "0"
    )
    assert "Trying every level" not in said
    assert [e["recipe"] for e in document["front"]] == [e["recipe"] for e in before["front"]]
