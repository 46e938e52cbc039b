"""A function of the user's is a metric once its file is trusted, and runs in its own process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from shaped_networks import dataset, denoiser, images, next_word, sequences

from tinystudio.core import trusted_code
from tinystudio.core.cache import Cache
from tinystudio.core.errors import UserError
from tinystudio.core.files import sha256
from tinystudio.core.intervals import paired_difference
from tinystudio.engine.judged_data import judged_data
from tinystudio.metrics import find_metric, known_metric
from tinystudio.metrics.own.asking import ask
from tinystudio.metrics.own.named import Named

SOURCE = """
import os
import sys
import numpy as np

print("this is not shown")

def each(outputs, labels):
    return np.abs(outputs - labels).reshape(len(labels), -1).mean(axis=1)

def whole(outputs, labels):
    return np.sqrt(np.square(outputs - labels).mean())

def wrong(outputs, labels):
    return np.ones((2, 2))

def raising(outputs, labels):
    raise KeyError("no such thing")

def hanging(outputs, labels):
    while True:
        pass

def dying(outputs, labels):
    os._exit(3)
"""


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    path = tmp_path / "scores.py"
    path.write_text(SOURCE)
    trusted_code.trust(sha256(path.read_bytes()))
    return path


def numbers(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.normal(size=(200, 1))
    return labels + rng.normal(size=(200, 1)) * 0.5, labels


def test_a_value_for_every_sample_is_a_metric_like_any(trusted: Path) -> None:
    metric = find_metric(f"{trusted}:each:lower")
    outputs, labels = numbers()
    off = np.abs(outputs - labels)[:, 0]
    assert metric.per_sample((outputs,), labels) == pytest.approx(off)
    low, high = metric.interval((outputs,), labels)
    assert low < off.mean() < high
    assert not metric.higher_is_better
    assert metric.name == "each (scores.py)"


def test_one_number_gets_its_interval_by_a_bootstrap_and_its_change_by_blocks(
    trusted: Path,
) -> None:
    metric = find_metric(f"{trusted}:whole:lower")
    (outputs, labels), worse = numbers(), numbers()[0] * 1.2
    values, changed = (metric.per_sample((item,), labels) for item in (outputs, worse))
    squares = np.square(outputs - labels)
    assert values.mean() == pytest.approx(np.sqrt(squares.mean()))
    error = squares.std() / (2 * np.sqrt(squares.mean()) * np.sqrt(200))  # by the delta method
    low, high = metric.interval((outputs,), labels)
    assert high - low == pytest.approx(2 * 1.645 * error, rel=0.3)
    assert values.std() / np.sqrt(200) == pytest.approx(error, rel=0.5)
    change, (least, most) = paired_difference(values, changed)
    assert least < change < most
    assert change == pytest.approx(changed.mean() - values.mean())


def test_nothing_runs_before_its_file_is_trusted(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n{SOURCE}")
    outputs, labels = numbers()
    with pytest.raises(UserError, match="was not run") as caught:
        find_metric(f"{path}:each").per_sample((outputs,), labels)
    assert sha256(path.read_bytes()) in caught.value.detail
    assert "--trust" in caught.value.hint
    data = dataset(images(40), "mean-absolute-error")
    with pytest.raises(UserError, match="was not run"):
        judged_data(data, f"{path}:each", denoiser(), Cache())
    assert not (tmp_path / "ran").exists()


def test_changed_code_is_neither_trusted_nor_the_same_metric(trusted: Path) -> None:
    data = dataset(images(40), "mean-absolute-error")
    found = judged_data(data, f"{trusted}:each:lower", denoiser(), Cache())
    assert found.metric.startswith(f"{trusted}:each:lower@numbers-")
    assert (found.settings["metric"], found.fingerprint == data.fingerprint) == ("guess", False)
    assert found.settings["own_metric"] == f"{trusted}:each:lower"
    sequential = dataset(sequences(40), "accuracy")
    assert "@classes-" in judged_data(sequential, f"{trusted}:each", next_word(), Cache()).metric
    trusted.write_text(SOURCE + "# changed\n")
    with pytest.raises(UserError, match="changed since"):
        find_metric(found.metric).per_sample(numbers()[:1], numbers()[1])


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("wrong", r"the shape \(2, 2\)"),
        ("raising", "KeyError: 'no such thing'"),
        ("dying", "stopped unexpectedly"),
        ("missing", "KeyError: 'missing'"),
    ],
)
def test_what_fails_is_told_in_words(trusted: Path, function: str, said: str) -> None:
    outputs, labels = numbers()
    with pytest.raises(UserError, match=said):
        ask(Named(trusted, function, is_lower=False), outputs, labels)


def test_what_hangs_is_ended(trusted: Path) -> None:
    outputs, labels = numbers()
    with pytest.raises(UserError, match="longer than 1 second"):
        ask(Named(trusted, "hanging", is_lower=False), outputs, labels, limit_s=1.0)


def test_its_name_survives_and_others_are_none() -> None:
    for text in ("a.py:f", "/x/b c.py:g:lower", f"a.py:f:lower@classes-{'0' * 64}"):
        named = Named.parse(text)
        assert named is not None
        assert named.text == text
        assert known_metric(text) is not None
    for text in ("accuracy", "a.txt:f", "a.py", "a.py:1f", "a.py:f:higher"):
        assert Named.parse(text) is None
