"""Every adviser says what the figures say, and nothing where they do not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from made_up_database import database, space

from tinystudio.advice import advise, advisers
from tinystudio.advice.adviser import Advice, Begin, ReadData, UseRecipe
from tinystudio.advice.facts import Facts
from tinystudio.core.measurement import Measurement
from tinystudio.explorer.hardware_step import HardwareStep
from tinystudio.explorer.latency_table import LatencyTable
from tinystudio.explorer.space import GroupAxis, Space
from tinystudio.jobs.events import Warned
from tinystudio.jobs.inspection import DataInfo, Inspection, LayerInfo, PreflightInfo
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.jobs.variant import Variant
from tinystudio.measure.guessing import TITLE
from tinystudio.session.marks import Mark, ProjectVariant

INT8 = Recipe(steps=(Step.of("static-quantization"),))
ORIGINAL = Measurement(
    score=0.9, score_status="measured", size_bytes=100_000, size_bytes_status="measured",
    samples=1000,
)  # fmt: skip


def variant(
    recipe: Recipe = INT8, change: float = 0.0, half: float = 0.01, size: int = 25_000, **more: Any
) -> ProjectVariant:
    figures = Measurement(
        score=0.9 + change, score_status="measured", score_change=change, samples=1000,
        score_change_interval=(change - half, change + half), score_tied=abs(change) <= half,
        size_bytes=size, size_bytes_status="measured", **more,
    )  # fmt: skip
    made = Variant(
        id=recipe.fingerprint, network="n", data="d", seed=0, recipe=recipe, series="x",
        measurement=figures,
    )  # fmt: skip
    return ProjectVariant(made, Mark(), figures)


def layer(name: str, op: str = "Conv", parameters: int = 100, wide: int = 4) -> LayerInfo:
    return LayerInfo(
        name=name, op=op, output_shape=(1,), parameters=parameters,
        weight_bytes=wide * parameters, macs=1, activation_bytes=1, group=None,
    )  # fmt: skip


def inspection(*layers: LayerInfo, calibration: int = 64) -> Inspection:
    can = ("weight-only-quantization", "cross-layer-equalization")
    return Inspection(
        title="n", parameters=1, macs=1, weight_bytes=1, size_bytes=1, peak_activation_bytes=1,
        opset=17, producer="", inputs=(), outputs=(), layers=layers or (layer("conv"),), groups=(),
        preflight=tuple(
            PreflightInfo(technique=id, title=id, status="can", reason="") for id in can
        ),
        data=DataInfo(
            name="d", metric="accuracy", classes=("a", "b", "c", "d"), train=900,
            calibration=calibration, validation=1000, test=100,
        ),
    )  # fmt: skip


def facts(*variants: ProjectVariant, **more: Any) -> Facts:
    known = {"inspection": inspection(), "original": ORIGINAL, "data": "d", **more}
    return Facts(network="n", variants=variants, **known)


def said(id: str, known: Facts) -> Advice | None:
    found = [advice for advice in advise(known) if advice.about == id]
    return found[0] if found else None


def test_every_adviser_says_what_it_looks_at_and_nothing_of_an_empty_project() -> None:
    assert len({adviser.id for adviser in advisers()}) == len(advisers()) == 8
    assert all((type(adviser).__doc__ or "").strip() for adviser in advisers())
    assert advise(Facts(network="n")) == ()
    assert advise(facts()) == ()


def test_a_much_smaller_tie_means_that_the_model_is_too_large() -> None:
    small = variant(size=10_000)
    found = said("too-large", facts(variant(), small))
    assert found is not None
    assert "10.0 times smaller" in found.sentence
    assert "10 kB instead of 100 kB" in found.reason
    assert isinstance(found.action, UseRecipe)
    assert found.action.recipe == small.variant.recipe


@pytest.mark.parametrize(
    "other",
    [variant(change=-0.05), variant(half=0.2), variant(size=60_000)],
    ids=["worse", "too few samples to say", "hardly smaller"],
)
def test_what_is_worse_unsure_or_as_large_is_no_proof(other: ProjectVariant) -> None:
    assert said("too-large", facts(other)) is None


def test_slow_int8_is_told_with_the_verdicts_reason_and_weights_alone_are_offered() -> None:
    slow = variant(
        verdict="slower", verdict_status="measured", latency_ratio=1.3,
        verdict_reason="Its 40 µs are mostly overhead.",
    )  # fmt: skip
    found = said("int8-slower", facts(slow))
    assert found is not None
    assert "30 % slower" in found.sentence
    assert "mostly overhead" in found.reason
    assert isinstance(found.action, UseRecipe)
    (step,) = found.action.recipe.steps
    assert (step.technique, found.action.measures) == ("weight-only-quantization", True)
    faster = variant(verdict="faster", verdict_status="measured", latency_ratio=0.5)
    assert said("int8-slower", facts(faster)) is None


def aligned_to(step: int, units: int) -> Facts:
    made, levels = database(), (units, 16, 8, 4)
    groups = tuple(GroupAxis(id=g.id, title=g.title, levels=levels) for g in space().groups)
    stairs = HardwareStep(layer="conv1", op="Conv", counts=(8, 16), us=(1.0, 2.0), step=step)
    wide = Space(groups=groups, layers=made.space.layers)
    return facts(database=replace(made, space=wide, staircase=stairs))


def test_channels_between_steps_are_rounded_down_where_the_table_says_it_is_faster() -> None:
    found = said("unaligned", aligned_to(16, 20))
    assert found is not None
    assert "conv1 20 → 16" in found.reason
    assert "125 µs becomes 65 µs" in found.reason
    assert isinstance(found.action, UseRecipe)
    assert said("unaligned", aligned_to(16, 32)) is None  # they fit
    assert said("unaligned", aligned_to(1, 20)) is None  # the processor has no steps
    assert said("unaligned", aligned_to(16, 30)) is None  # 30 → 16 is pruning


def test_a_layer_that_takes_half_is_named_with_what_makes_it_faster() -> None:
    made = database()
    table = made.latency
    assert table is not None
    heavy = table.segments[1].model_copy(
        update={"us": tuple(tuple((a * 8, b * 8) for a, b in row) for row in table.segments[1].us)}
    )
    segments = (table.segments[0], heavy, table.segments[2])
    # Made anew: a copy would keep what the table has looked up.
    slow = LatencyTable(**{**dict(table), "segments": segments})
    found = said("one-layer", facts(database=replace(made, latency=slow)))
    assert found is not None
    assert "conv2, takes 79 % of the time" in found.sentence
    assert isinstance(found.action, UseRecipe)
    assert found.action.recipe.steps
    assert said("one-layer", facts(database=made)) is None


def test_few_samples_of_each_class_explain_what_int8_lost() -> None:
    few = Recipe(steps=(Step.of("static-quantization", samples=16),))
    lossy = variant(few, change=-0.1)
    found = said("calibration-small", facts(lossy, inspection=inspection(calibration=400)))
    assert found is not None
    assert "4 for each of 4 classes" in found.reason
    assert isinstance(found.action, UseRecipe)
    assert found.action.recipe.steps[0].params.model_dump()["samples"] == 400
    better = variant(Recipe(steps=(Step.of("static-quantization", samples=64),)), change=-0.05)
    both = said("calibration-small", facts(lossy, better, inspection=inspection(calibration=400)))
    assert both is not None
    assert "80.0 % with 16, 85.0 % with 64" in both.reason
    # No more there than were used: more data is what helps.
    there = inspection(calibration=16)
    alone = said("calibration-small", facts(variant(few, change=-0.1), inspection=there))
    assert alone is not None
    assert isinstance(alone.action, Begin)
    assert said("calibration-small", facts(variant(few))) is None  # it lost nothing


def test_how_many_samples_would_tell_two_variants_apart() -> None:
    found = said("validation-small", facts(variant(change=-0.01, half=0.02)))
    assert found is not None
    assert "1,000 validation samples are too few" in found.sentence
    assert "About 4,000 samples" in found.reason  # twice as narrow takes four times as many
    assert isinstance(found.action, Begin)
    assert said("validation-small", facts(variant(change=-0.03, half=0.02))) is None
    assert said("validation-small", facts(variant(change=-0.001, half=0.02))) is None


def test_wide_weights_come_before_normalizations() -> None:
    norm = layer("bn", "BatchNormalization", 64)
    folded = said("unready-graph", facts(inspection=inspection(layer("conv"), norm)))
    assert folded is not None
    assert isinstance(folded.action, UseRecipe)
    double = said("unready-graph", facts(inspection=inspection(layer("conv", wide=8), norm)))
    assert double is not None
    assert "64-bit" in double.sentence


def test_guessing_is_said_first_and_offers_the_order_that_was_found() -> None:
    warned = Warned(job="j", title=TITLE, detail="It is right once in four.", data="d?classes=b,a")
    found = advise(facts(variant(size=10_000), warnings=(warned,)))
    assert found[0].about == "guessing"
    assert found[0].action == ReadData("Read the data so", "d?classes=b,a")


def test_what_was_dismissed_is_not_said_again() -> None:
    known = facts(variant(size=10_000))
    (first, *_) = advise(known)
    assert first.key not in [advice.key for advice in advise(known, [first.key])]
