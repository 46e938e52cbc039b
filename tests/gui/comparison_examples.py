"""A comparison as the engine tells it, small enough to be read."""

from __future__ import annotations

from gui_examples import ORIGINAL, figures

from tinystudio.jobs.comparison import (
    ChangedSample,
    ClassRow,
    Comparison,
    Confusion,
    Contender,
    LayerCell,
    LayerRow,
    LayerSpread,
    PairDifference,
    RuntimeNode,
    Said,
    Spread,
)


def comparison() -> Comparison:
    """Return the original beside a smaller and faster variant that is worse in one class."""
    small = figures(0.84, 71_000, 0.041, ORIGINAL)
    return Comparison(
        contenders=(
            Contender(title="original", measurement=ORIGINAL),
            Contender(title="INT8", measurement=small),
        ),
        split="validation", samples=649, metric="accuracy", higher_is_better=True,
        pairs=(
            PairDifference(
                first=0, second=1, change=-0.044, interval=(-0.06, -0.03), tied=False,
                new_mistakes=31, mended=2,
            ),
        ),
        class_rows=(
            ClassRow(
                name="walk", samples=100, right=(90, 60), changes=(None, -0.3),
                intervals=(None, (-0.4, -0.2)), tied=(None, False),
            ),
            ClassRow(
                name="sit", samples=80, right=(70, 71), changes=(None, 0.0125),
                intervals=(None, (-0.01, 0.03)), tied=(None, True),
            ),
        ),
        class_names=("sit", "walk"),
        matrices=(((70, 10), (10, 90)), ((71, 9), (40, 60))),
        confusions=(Confusion(truth="walk", said="sit", counts=(10, 40)),),
        changed=(
            _sample(7, "new mistake", "walk", "sit"), _sample(9, "mended", "sit", "walk"),
        ),
        changed_in_all=33,
        layers=(
            LayerRow(
                name="conv1", op="Conv", members=("conv1", "relu"),
                cells=(_cell(20.0, 4000, "float32"), _cell(5.0, 1000, "INT8")),
            ),
            LayerRow(name="skip", op="Add", members=("skip",), cells=(_cell(2, 0, ""), None)),
        ),
        totals_us=(22.0, 5.0),
    )  # fmt: skip


def _sample(number: int, kind: str, first: str, second: str) -> ChangedSample:
    said = (
        Said(words=first, sure=0.8, is_right=kind == "new mistake"),
        Said(words=second, sure=0.6, is_right=kind != "new mistake"),
    )
    truth = first if kind == "new mistake" else second
    return ChangedSample.model_validate(
        {"number": number, "truth": truth, "kind": kind, "said": said}
    )


def _cell(time_us: float, size: int, precision: str) -> LayerCell:
    node = RuntimeNode(name="conv1_nchwc", op="Conv", time_us=time_us, nodes=("conv1", "relu"))
    return LayerCell(
        time_us=time_us, size_bytes=size, precision=precision, channels=16 if size else None,
        nodes=("conv1", "relu"), runtime=(node,),
    )  # fmt: skip


def layer_spread(layer: str = "conv1") -> LayerSpread:
    """Return how a layer of two variants is spread; the second has no weights that are told."""
    spread = Spread(
        shares=(0.5, 0.0, 0.5), low=-1, high=1, channel_lows=(-1.0, -0.5),
        channel_highs=(1.0, 0.5), channels=2,
    )  # fmt: skip
    return LayerSpread(
        layer=layer, titles=("original", "INT8"), samples=8, weight_edges=(-1, -0.3, 0.3, 1),
        weights=(spread, None), activation_edges=(), activations=(None, None), notes=("Folded.",),
    )  # fmt: skip
