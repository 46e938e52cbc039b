"""Looks at a network: facts, layers, coupled groups, and what each technique can do with it."""

from __future__ import annotations

from tinystudio.core import places
from tinystudio.core.data import Dataset
from tinystudio.core.data_card import DataCard, data_card
from tinystudio.core.data_preview import write_preview
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Part
from tinystudio.core.sample_shots import data_preview
from tinystudio.engine.diagramming import diagram
from tinystudio.engine.durations import SETUP_S, Durations
from tinystudio.engine.resolving import title_of
from tinystudio.engine.work import Work
from tinystudio.graph.branches import inner_layers
from tinystudio.graph.class_names import class_names
from tinystudio.graph.coupling import Coupling, couple
from tinystudio.graph.facts import LayerFacts, facts
from tinystudio.graph.network import Network, Port
from tinystudio.graph.picture_layout import picture_layout
from tinystudio.jobs.events import Inspected
from tinystudio.jobs.inspection import (
    DataInfo,
    GroupInfo,
    Inspection,
    LayerInfo,
    PortInfo,
    PreflightInfo,
)
from tinystudio.jobs.job import InspectJob
from tinystudio.measure.passing import seconds_per_sample
from tinystudio.measure.running import check_samples
from tinystudio.techniques import techniques

HALVE = (
    "Half precision stores weights inside branches, too. Where an input chooses the branch, export "
    "the model with that input fixed."
)


def inspect(job: InspectJob, work: Work) -> None:
    """Carry out an `InspectJob`."""
    work.reporter.progress(0, 3, "Opening the model")
    network = work.network(job.network, Part(work.reporter, 0, 1 / 3))
    work.reporter.progress(1, 3, "Reading the data")
    dataset = None
    if job.data is not None:
        part = Part(work.reporter, 1 / 3, 2 / 3)
        dataset = work.dataset(job.data, job.seed, network, part)
        check_samples(network, dataset.validation)
    card = None if dataset is None else _card(dataset, work)
    work.reporter.progress(2, 3, "Looking at layers and channels")
    inspection = look_at(network, title_of(job.network), dataset, card)
    if dataset is not None:
        inspection = _with_durations(inspection, network, dataset)
    work.emit(Inspected(job=job.id, inspection=inspection))


def _card(dataset: Dataset, work: Work) -> DataCard:
    card = data_card(dataset, work.reporter)
    return card.model_copy(update={"preview": write_preview(data_preview(dataset))})


def _with_durations(inspection: Inspection, network: Network, dataset: Dataset) -> Inspection:
    """Say how long each technique would take, about, with its defaults."""
    durations = Durations(places.cache())
    plain = durations.plain_pass(network.fingerprint)
    if plain is None:
        plain = seconds_per_sample(network, dataset.validation)
        durations.note_passes(network.fingerprint, plain)
    told = []
    for item in inspection.preflight:
        part = techniques()[item.technique]
        pass_s = durations.seconds_per_pass(part, plain)
        passes = part.passes(part.params(), len(dataset.train), len(dataset.calibration))
        seconds = None if item.status == "cannot" else SETUP_S + pass_s * passes
        told.append(item.model_copy(update={"seconds": seconds, "seconds_per_pass": pass_s}))
    return inspection.model_copy(update={"preflight": tuple(told)})


def look_at(
    network: Network, title: str, dataset: Dataset | None = None, card: DataCard | None = None
) -> Inspection:
    """Put together what graph and techniques say about `network`."""
    known = facts(network)
    coupling = couple(network)
    groups = _group_of_node(coupling)
    return Inspection(
        title=title,
        parameters=known.parameters,
        macs=known.macs,
        weight_bytes=known.weight_bytes,
        size_bytes=len(network.data),
        peak_activation_bytes=known.peak_activation_bytes,
        opset=network.opset,
        producer=network.model.producer_name,
        inputs=tuple(_input(network, port) for port in network.inputs),
        outputs=tuple(_port(port) for port in network.outputs),
        layers=tuple(_layer(item, groups.get(item.name)) for item in known.layers),
        groups=_groups(coupling),
        preflight=tuple(_preflight(network, id) for id in techniques()),
        data=_data(dataset, card) if dataset is not None else None,
        classes=class_names(network),
        fingerprint=network.fingerprint,
        warnings=tuple(f"{wall.node} ({wall.op}): {wall.reason}" for wall in coupling.walls),
        diagram=diagram(network),
    )


def _group_of_node(coupling: Coupling) -> dict[str, str]:
    # Of groups that share a layer (heads, and places within them) the first: the finer one.
    groups = reversed(coupling.groups)
    return {slot.node: group.id for group in groups for slot in group.producers}


def _groups(coupling: Coupling) -> tuple[GroupInfo, ...]:
    return tuple(
        GroupInfo(
            id=group.id,
            title=group.title,
            channels=group.channels,
            layers=tuple(dict.fromkeys(slot.node for slot in group.producers)),
            removable=group.removable,
            reason=group.reason,
        )
        for group in coupling.groups
    )


def _preflight(network: Network, technique: str) -> PreflightInfo:
    part = techniques()[technique]
    try:
        found = part.preflight(network)
    except UserError as error:
        return PreflightInfo(
            technique=technique, title=part.title, status="cannot", reason=error.detail,
            remedy=error.hint,
        )  # fmt: skip
    hidden = _hidden(network) if found.status == "cannot" else ""
    return PreflightInfo(
        technique=technique, title=part.title, status=found.status,
        reason=f"{found.reason} {hidden}".rstrip(), remedy=HALVE if hidden else found.remedy,
    )  # fmt: skip


def _hidden(network: Network) -> str:
    """Say which layers a technique does not reach, where some stand inside branches."""
    found = inner_layers(network.nodes)
    if not found:
        return ""
    kinds = ", ".join(f"{count} {op}" for op, count in found.most_common())
    return f"Layers inside branches or loops (If, Loop) stay as they are: {kinds}."


def _port(port: Port) -> PortInfo:
    return PortInfo(name=port.name, dtype=str(port.dtype), shape=port.shape)


def _input(network: Network, port: Port) -> PortInfo:
    found = _port(port)
    takes_pictures = found.dtype.startswith(("float", "uint8"))
    layout = picture_layout(network, port.name) if takes_pictures else ""
    return found.model_copy(update={"layout": layout})


def _layer(layer: LayerFacts, group: str | None) -> LayerInfo:
    return LayerInfo(
        name=layer.name,
        op=layer.op,
        output_shape=layer.output_shape,
        parameters=layer.parameters,
        weight_bytes=layer.weight_bytes,
        macs=layer.macs,
        activation_bytes=layer.activation_bytes,
        group=group,
        precision=layer.stored,
    )


def _data(dataset: Dataset, card: DataCard | None) -> DataInfo:
    return DataInfo(
        name=dataset.name,
        metric=dataset.metric,
        classes=dataset.classes,
        train=len(dataset.train),
        calibration=len(dataset.calibration),
        validation=len(dataset.validation),
        test=len(dataset.test),
        card=card,
        fingerprint=dataset.fingerprint,
    )
