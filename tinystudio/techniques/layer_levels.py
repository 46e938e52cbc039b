"""Layer levels: so many channels for each group of layers, so many bits for each layer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field, field_validator, model_serializer

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, integer, table
from tinystudio.graph.coupling import couple
from tinystudio.graph.network import Network
from tinystudio.measure.int8_form import int8_form
from tinystudio.solvers.channel_study import ChannelStudy
from tinystudio.solvers.int8_islands import int8_able
from tinystudio.solvers.levels import base_network, storable
from tinystudio.solvers.precision import FILE_BITS, TITLES, VALUE_BITS, Precision
from tinystudio.solvers.quantizable import refusal
from tinystudio.techniques.levelled import levels_of
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "The levels were not applied"
SMALL_BITS = 4


class Level(Params):
    """One row: `keep` units of the group of that name, `bits` of the layer of that name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep: int | None = Field(None, ge=1)
    bits: Precision | None = None

    @model_serializer
    def _without_blanks(self) -> dict[str, Any]:
        given = {"keep": self.keep, "bits": self.bits}
        return {name: value for name, value in given.items() if value is not None}


class LayerLevelsParams(Params):
    """A row for every group and layer that does not stay as it is."""

    levels: dict[str, Level] = table(
        title="Levels",
        help="For each group of channels how many stay (keep), for each layer its precision "
        "(bits: float, w8, w4, w3 or w8a8). What is not named stays as it is. The dial and the "
        "sliders of the Layers view write it.",
    )
    samples: int = integer(
        512,
        title="Calibration samples",
        help="How many calibration samples the choice of channels and the weights are worked out "
        "from, drawn by the seed.",
        ge=16,
        le=16384,
        step=16,
        advanced=True,
    )

    @field_validator("levels", mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and value.startswith("{") else value

    @property
    def keep(self) -> dict[str, int]:
        """Return how many units each named group keeps."""
        return {name: row.keep for name, row in self.levels.items() if row.keep is not None}

    @property
    def bits(self) -> dict[str, Precision]:
        """Return the precision of each named layer."""
        return {name: row.bits for name, row in self.levels.items() if row.bits is not None}


class LayerLevels(Technique[LayerLevelsParams]):
    """Sets every layer's level by itself: how many channels stay, and in how many bits its weights
    are stored or computed with.

    This is what the Compression dial and the sliders of the Layers view write, and what a search
    finds: each layer gives as much as it can spare. Channels go in the order in which the layers
    that read them miss them least; the weights of what stays are solved again; few-bit weights are
    rounded one after the other, each making up for the one before; at the end every channel gets
    its mean and deviation back. Batch normalization is folded into the weights.

    8-, 4- and 3-bit weights make the file smaller and are turned into floats when it is loaded,
    so they cost no speed and gain none; 3 bits take 4 in the file and show in the download.
    INT8 (w8a8) computes in 8 bits and can be faster; its types are those that fit this processor.

    Sources: Frantar and Alistarh, "Optimal Brain Compression", NeurIPS 2022 (a database of layers
    at every level); Kurtic, Frantar and Alistarh, "ZipLM", NeurIPS 2023 (channels); Frantar,
    Ashkboos, Hoefler and Alistarh, "GPTQ", ICLR 2023 (few bits).
    """

    id = "layer-levels"
    title = "Layer levels"
    family = "other"
    pace = 1.0
    params = LayerLevelsParams

    def describe(self, params: LayerLevelsParams) -> str:
        """Return e.g. "levels: 4 groups narrower, 6 layers w4"."""
        told = []
        if params.keep:
            told.append(f"{len(params.keep)} group{'s' * (len(params.keep) > 1)} narrower")
        few = [bits for bits in params.bits.values() if bits != "float"]
        for bits in dict.fromkeys(sorted(few, key=FILE_BITS.__getitem__)):
            told.append(f"{few.count(bits)}× {TITLES[bits]}")
        return ", ".join(told) or "all levels full"

    def preflight(self, network: Network) -> Preflight:
        """Count what can be narrowed and what can be stored in few bits."""
        groups = [group for group in couple(network).groups if group.removable]
        few = storable(network)
        if not groups and not few:
            return Preflight("cannot", "No channel can go and no layer stores weights in floats.")
        text = f"{len(groups)} groups can be narrowed, {len(few)} layers can have fewer bits."
        if refusal(network) is not None or not groups:
            return Preflight("partly", text)
        return Preflight("can", text)

    def example(self, network: Network) -> LayerLevelsParams:
        """Halve every group, and store every layer's weights in 8 bits."""
        rows: dict[str, dict[str, int | str]] = {
            name: {"bits": "w8"} for name in storable(base_network(network))
        }
        for group in couple(network).groups:
            if group.removable:
                rows[group.id] = rows.get(group.id, {}) | {"keep": max(1, group.channels // 2)}
        return LayerLevelsParams.model_validate({"levels": rows})

    def apply(self, network: Network, params: LayerLevelsParams, context: Context) -> Outcome:
        """Take the ready-made weights of every level, or make them, and put them together."""
        told = self.preflight(network)
        if told.status == "cannot":
            raise UserError(TITLE, told.reason, "Choose another technique.")
        rows = {name: row for name, row in params.levels.items() if row != Level()}
        if not rows:
            return Outcome(network, ("Every level is full",))
        levels = levels_of(network, context, params.samples, _needs_small(params))
        _check(levels.study, params)
        made = levels.network(params.keep, params.bits)
        context.reporter.progress(1.0, 1.0, "Levels set")
        return Outcome(made, _notes(levels.study, params), _warnings(context))


def _needs_small(params: LayerLevelsParams) -> bool:
    return any(VALUE_BITS.get(bits, 32) <= SMALL_BITS for bits in params.bits.values())


def _check(study: ChannelStudy, params: LayerLevelsParams) -> None:
    groups = {group.id: group.channels for group in study.groups}
    few = storable(study.network, least=1)
    for name, count in params.keep.items():
        if name not in groups:
            raise _wrong(f"There is no group of channels named {name!r} that can go.", groups)
        if count > groups[name]:
            raise _wrong(f"{name} has {groups[name]} channels; {count} cannot stay.", {})
    for name, bits in params.bits.items():
        if name not in few:
            raise _wrong(f"There is no layer named {name!r} that stores weights in floats.", few)
        if bits == "w8a8" and name not in int8_able(study.network):
            operator = study.network.node(name).op_type
            raise UserError(
                TITLE, f"{name} ({operator}) does not compute in INT8.", "Choose w8 for it."
            )
    if "w8a8" in params.bits.values() and study.calibration is None:
        raise UserError(
            TITLE,
            "INT8 needs the ranges of the activations, and there are no samples to read them from.",
            "Attach data, or choose w8.",
        )


def _wrong(detail: str, known: Mapping[str, object]) -> UserError:
    hint = f"There are: {', '.join(known)}." if known else "Choose a smaller number."
    return UserError(TITLE, detail, hint)


def _notes(study: ChannelStudy, params: LayerLevelsParams) -> tuple[str, ...]:
    notes = [
        f"{group.title} keeps {params.keep[group.id]} of {group.channels}"
        for group in study.groups
        if params.keep.get(group.id, group.channels) < group.channels
    ]
    notes += [f"{name}: {TITLES[bits]}" for name, bits in params.bits.items() if bits != "float"]
    if "w8a8" in params.bits.values():
        notes.append(int8_form("this", seven_bits=False)[1])
    return tuple(notes)


def _warnings(context: Context) -> tuple[str, ...]:
    if context.calibration is None or len(context.calibration) == 0:
        return ("Without calibration samples the remaining weights were not adapted.",)
    return ()
