"""Weight clustering: every layer's weights share a few values, and are stored as indices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, switch
from tinystudio.core.reporter import Part
from tinystudio.graph.network import Network
from tinystudio.measure.probing import calibration_of
from tinystudio.measure.sizes import download_bytes
from tinystudio.solvers.calibration import layer_moments
from tinystudio.solvers.clustering import (
    Clustered,
    Clustering,
    cluster,
    clusterable,
    with_tables,
)
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.quantizable import QUANTIZED, prepared
from tinystudio.solvers.stored_weights import INT4_OPSET, SMALL_BITS
from tinystudio.techniques.technique import Context, Outcome, Preflight, Technique

TITLE = "Weights were not clustered"


class WeightClusteringParams(Params):
    """How many values, what counts in choosing them, and how they are stored."""

    bits: int = integer(
        4,
        title="Bits of an index",
        help="4 bits let a layer's weights take 16 values, 8 bits 256, 2 bits only 4.",
        ge=2,
        le=8,
    )
    importance: Literal["inputs", "plain"] = choice(
        "inputs",
        title="What a weight counts",
        help="As much as its inputs vary on calibration samples: values are then densest where "
        "they matter to the layer's output. All the same: plain k-means, needs no samples.",
        titles={"inputs": "As much as its inputs vary", "plain": "All the same (plain k-means)"},
    )
    makeup: bool = switch(
        True,
        title="Others make up",
        help="Choose the values one input after the other, so that later weights make up for what "
        "the choice of earlier ones changed. Needs calibration samples.",
    )
    tables: Literal["scaled", "layer", "channels"] = choice(
        "scaled",
        title="Tables",
        help="One table for a layer and a factor for each of its output channels (4 bytes each) "
        "suits channels of different size, as folded normalization leaves them. One table alone is "
        "the smallest. Tables for groups of channels cost 4 bytes for each value of each table.",
        titles={
            "scaled": "One for a layer, a factor per channel",
            "layer": "One for a layer",
            "channels": "One for a group of channels",
        },
    )
    channels: int = integer(
        16,
        title="Channels sharing a table",
        help="How many output channels share a table, where groups have their own; the nearest "
        "number that divides the layer's channels is taken.",
        ge=1,
        le=512,
        advanced=True,
    )
    storage: Literal["table", "floats"] = choice(
        "table",
        title="Stored as",
        help="Indices and a table make the file itself smaller. Floats leave the file as large as "
        "it was, and only the packed download smaller: for programs that want plain weights, and "
        "for techniques that come after this one.",
        titles={"table": "Indices and a table", "floats": "Floats (smaller download only)"},
    )
    samples: int = integer(
        256,
        title="Calibration samples",
        help="How many calibration samples are looked at, drawn by the seed.",
        ge=16,
        le=16384,
        step=16,
        advanced=True,
    )


class WeightClustering(Technique[WeightClusteringParams]):
    """Lets the weights of every layer share a few values (palettization): stored are a table of
    these values and, for each weight, a short index into it.

    What it gains: size. 4-bit indices take an eighth of 32-bit floats, and unlike the even steps of
    few-bit quantization the values lie where the weights are. Up to 4 bits go two indices to a
    byte, more take a byte each; what fewer bits save beyond that shows in the download. What it
    does not gain: speed. onnxruntime looks the values up once, when it loads the file, and then
    computes with floats as before.

    Values are found by k-means, each weight counting as much as its inputs vary on calibration
    samples; then the weights are given their values one input after the other, so that later ones
    make up for what earlier ones changed, and each channel's mean is kept. Weights that pruning set
    to zero stay zero. A training after this moves the values of the tables.

    Weights so few that a table would take more bytes than it saves stay as they are. Up to 4 bits
    the file is brought to operator set 21, which folds batch normalization.

    Sources: Han, Mao and Dally, "Deep Compression", ICLR 2016; Kim et al., "SqueezeLLM", ICML 2024
    (values weighted by importance); Frantar, Ashkboos, Hoefler and Alistarh, "GPTQ", ICLR 2023, and
    van Baalen et al., "GPTVQ", 2024 (others make up).
    """

    id = "weight-clustering"
    title = "Weight clustering"
    family = "quantization"
    pace = 20.0
    params = WeightClusteringParams
    slider = "bits"

    def describe(self, params: WeightClusteringParams) -> str:
        """Return e.g. "16 values per layer"."""
        owner = f"{params.channels} channels" if params.tables == "channels" else "layer"
        return f"{2**params.bits} values per {owner}"

    def preflight(self, network: Network) -> Preflight:
        """Count the weights that are stored as floats."""
        found = clusterable(network)
        if not found:
            done = any(node.op_type in QUANTIZED for node in network.nodes)
            remedy = "Cluster before quantizing." if done else "Choose another technique."
            return Preflight(
                "cannot", "No layer has weights of its own stored in floating point.", remedy
            )
        weights = sum(network.weights[name].size for name in found)
        text = (
            f"{weights:,} weights in {len(found)} tensors can share values. File and download "
            "become smaller; onnxruntime does not become faster."
        )
        return Preflight("can", text)

    def reads(self, params: WeightClusteringParams) -> int:
        """Return as many as show what a layer's inputs are, where that counts."""
        return params.samples if _looks_at_inputs(params) else 0

    def apply(self, network: Network, params: WeightClusteringParams, context: Context) -> Outcome:
        """Fit the tables, choose the indices, keep the means, store."""
        told = self.preflight(network)
        if told.status == "cannot":
            raise UserError(TITLE, told.reason, told.remedy)
        as_table = params.storage == "table"
        ready = network
        if as_table and params.bits <= SMALL_BITS and network.opset < INT4_OPSET:
            ready = prepared(network, INT4_OPSET)
        moments = _learnt(ready, params, context)
        plan = Clustering(
            params.bits,
            params.channels if params.tables == "channels" else 0,
            scaled=params.tables == "scaled",
            weighted=params.importance == "inputs",
            makes_up=params.makeup,
            only_paying=as_table,
        )
        made = cluster(ready, plan, moments, Part(context.reporter, 0.6, 0.95))
        done = with_tables(made) if as_table else made.network
        context.reporter.progress(1.0, 1.0, "Clustered")
        return Outcome(done, _notes(network, done, made), _warnings(params, moments))


def _looks_at_inputs(params: WeightClusteringParams) -> bool:
    return params.importance != "plain" or params.makeup


def _learnt(
    network: Network, params: WeightClusteringParams, context: Context
) -> Mapping[str, Moments]:
    """Return the moments of the layers' inputs; {} where none are needed or to be had."""
    if not _looks_at_inputs(params):
        return {}
    calibration = calibration_of(
        network,
        context.calibration,
        context.calibration_fingerprint,
        params.samples,
        context.seed,
        context.reporter,
        context.cache,
    )
    if calibration is None:
        return {}
    part = Part(context.reporter, 0.0, 0.6)
    return layer_moments(network, calibration, context.cache, context.seed, part)


def _notes(before: Network, after: Network, made: Clustered) -> tuple[str, ...]:
    weights = sum(palette.codes.size for palette in made.palettes.values())
    tables = sum(len(palette.tables) for palette in made.palettes.values())
    packed = download_bytes(after.data) / download_bytes(before.data)
    return (
        f"{weights:,} weights share the values of {tables} tables",
        f"File {100 * len(after.data) / len(before.data):.0f} % of what it was, download "
        f"{100 * packed:.0f} %",
    )


def _warnings(params: WeightClusteringParams, moments: Mapping[str, Moments]) -> tuple[str, ...]:
    if moments or not _looks_at_inputs(params):
        return ()
    return ("Without calibration samples all weights counted the same (plain k-means).",)
