"""How long techniques will take, from what this machine has shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinystudio.engine.durations import PASS_OVERHEAD_S, SETUP_S, Durations
from tinystudio.jobs.inspection import about_seconds
from tinystudio.techniques import techniques

TRAINING = techniques()["fine-tuning"]
PLAIN_S = 1e-3


def test_without_history_the_declared_pace_counts(tmp_path: Path) -> None:
    told = Durations(tmp_path).seconds_per_pass(TRAINING, PLAIN_S)
    assert told == pytest.approx(TRAINING.pace * (PLAIN_S + PASS_OVERHEAD_S))


def test_what_it_took_is_foreseen_from_then_on_by_every_engine(tmp_path: Path) -> None:
    durations = Durations(tmp_path)
    durations.note_passes("network", PLAIN_S)
    for seconds in (4.0, 4.2, 90.0):  # one of them while the machine was busy
        durations.note(TRAINING, "network", 1000, seconds)
    passes_s = 1000 * Durations(tmp_path).seconds_per_pass(TRAINING, PLAIN_S)
    assert SETUP_S + passes_s == pytest.approx(4.2)


def test_a_network_that_was_never_passed_teaches_nothing(tmp_path: Path) -> None:
    Durations(tmp_path).note(TRAINING, "unknown", 1000, 5.0)
    told = Durations(tmp_path).seconds_per_pass(TRAINING, PLAIN_S)
    assert told == pytest.approx(TRAINING.pace * (PLAIN_S + PASS_OVERHEAD_S))


@pytest.mark.parametrize("text", ["", "[]", '{"passes": {"a": "b"}, "paces": {}}', "{}"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "durations.json").write_text(text)
    assert Durations(tmp_path).plain_pass("a") is None


def test_a_training_grows_with_its_epochs_and_samples() -> None:
    few = TRAINING.passes(TRAINING.params(epochs=1.0), 100, 10)
    assert TRAINING.passes(TRAINING.params(epochs=4.0), 100, 10) == 4 * few
    assert TRAINING.passes(TRAINING.params(epochs=1.0), 300, 10) == 3 * few
    static = techniques()["static-quantization"]
    assert static.passes(static.params(), 10_000, 64) == 64


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "under a second"), (3.4, "about 3 s"), (23.0, "about 25 s"), (58.0, "about 1 min"),
     (130.0, "about 2 min"), (1500.0, "about 25 min"), (7300.0, "about 2 h")],
)  # fmt: skip
def test_a_forecast_is_told_as_roughly_as_it_is_known(seconds: float, words: str) -> None:
    assert about_seconds(seconds) == words
