"""Data is judged by the metric asked for where it fits, and without labels by agreement."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shaped_networks import dataset, denoiser, images, next_word, noisy, sequences

from tinystudio.core.cache import Cache
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.datasets import formats, read_dataset
from tinystudio.engine.judged_data import judged_data
from tinystudio.engine.judging import BY_DEFINITION, Judge
from tinystudio.engine.resolving import resolve_dataset, resolve_network


def test_a_metric_that_fits_is_taken_and_told() -> None:
    data = dataset(sequences(40), "accuracy")
    found = judged_data(data, "perplexity", next_word(), Cache())
    assert (found.metric, found.settings["metric"]) == ("perplexity", "perplexity")
    assert found.fingerprint != data.fingerprint
    assert judged_data(data, "", next_word(), Cache()) is data


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("psnr", "shape"),
        ("auc", "one answer per sample"),
        ("anomaly-auc", "shape"),
        ("r2", "shape"),
    ],
)
def test_one_that_does_not_fit_is_answered_with_those_that_do(metric: str, said: str) -> None:
    with pytest.raises(UserError, match="cannot be judged by") as caught:
        judged_data(dataset(sequences(40), "accuracy"), metric, next_word(), Cache())
    assert said in caught.value.detail
    assert caught.value.hint.endswith(
        "accuracy, agreement, balanced-accuracy, macro-f1, output-agreement, perplexity, "
        "top-3-accuracy, top-5-accuracy."
    )


def test_images_are_not_judged_as_classes() -> None:
    data = dataset(images(40), "mean-absolute-error")
    assert judged_data(data, "ssim", denoiser(), Cache()).metric == "ssim"
    with pytest.raises(UserError, match="cannot be judged by") as caught:
        judged_data(data, "accuracy", denoiser(), Cache())
    assert {"psnr", "ssim", "r2"} <= set(caught.value.hint.rstrip(".").split(": ")[1].split(", "))


@pytest.mark.parametrize(("metric", "is_image"), [("agreement", False), ("output-agreement", True)])
def test_without_labels_the_original_has_all_by_definition(metric: str, is_image: bool) -> None:
    tested, samples = (denoiser(), images(160)) if is_image else (next_word(), sequences(160))
    bare = dataset(samples, "accuracy", labels=False)
    found = judged_data(bare, metric if not is_image else "", tested, Cache())
    assert found.metric == metric
    judge = Judge(Cache(), tested, found, "test", time=False)
    original = judge.original(Silent())
    assert (original.score, original.score_interval) == (1.0, (1.0, 1.0))
    assert BY_DEFINITION in original.warnings
    assert judge.doubt(Silent()) is None
    variant = judge.variant(noisy(tested, 0.1).data, Silent())
    assert variant.score is not None
    assert 0.5 < variant.score < 1.0
    assert variant.score_change == pytest.approx(variant.score - 1.0)
    assert BY_DEFINITION not in variant.warnings


def test_where_nothing_is_defined_it_is_said_and_nothing_is_shown() -> None:
    same = replace(images(160), labels=images(160).inputs[0] * 0)
    judge = Judge(Cache(), denoiser(), dataset(same, "r2"), "test", time=False)
    found = judge.original(Silent())
    assert found.score is None
    assert any("no R²" in warning for warning in found.warnings)


def test_a_gallery_task_can_be_judged_otherwise() -> None:
    network, cache = resolve_network("gallery:watch", Cache()), Cache()
    plain = resolve_dataset("gallery:watch", 0, network, cache)
    other = resolve_dataset("gallery:watch?metric=auc", 0, network, cache)
    assert (plain.metric, other.metric) == ("accuracy", "auc")
    assert other.train is plain.train
    with pytest.raises(UserError, match="no settings but its metric"):
        resolve_dataset("gallery:watch?target=label", 0, network, cache)


def test_every_format_can_be_told_its_metric() -> None:
    for item in formats():
        assert item.params().model_dump()["metric"] == "guess"
        assert item.params(metric="macro-f1").model_dump()["metric"] == "macro-f1"


def test_a_table_says_what_it_is_judged_by(tmp_path) -> None:
    path = tmp_path / "amounts.csv"
    rows = [f"{at},{at * at},{at * 1.5 + 0.25}" for at in range(60)]
    path.write_text("a,b,amount\n" + "\n".join(rows))
    assert read_dataset(path, 0).settings["metric"] == "mean-absolute-error"
    named = read_dataset(f"{path}?metric=r2", 0)
    assert (named.metric, named.settings["metric"]) == ("r2", "r2")
    with pytest.raises(UserError, match="not set up") as caught:
        read_dataset(f"{path}?metric=beauty", 0)
    assert "macro-f1" in caught.value.detail
