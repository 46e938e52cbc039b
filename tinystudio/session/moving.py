"""Models and data of a project that are no longer where they were: noticed, compared, put back.

A project names them by path. What is found again, with the same content, takes the old path's
place in everything that the project remembers, so that no variant is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tinystudio.core.data import SPLITS
from tinystudio.core.data_reference import DataReference
from tinystudio.downloads import is_download
from tinystudio.gallery import PREFIX
from tinystudio.jobs.events import Event, Started, VariantReady
from tinystudio.jobs.inspection import DataInfo, Inspection
from tinystudio.jobs.job import InspectJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.jobs.variant import Variant, variant_id
from tinystudio.session.aging import sources
from tinystudio.session.records import ProjectState
from tinystudio.session.runs import Run

Kind = Literal["model", "data"]
_ORIGINAL = Recipe()


@dataclass(frozen=True)
class Lost:
    """Something of a project that is not there; `reference` is what the project calls it."""

    kind: Kind
    reference: str

    @property
    def path(self) -> Path:
        """Return where it was."""
        return _path(self.reference)

    def at(self, path: Path) -> str:
        """Return what it is called at another path: its settings stay."""
        if self.kind == "model":
            return str(path)
        return DataReference(str(path), DataReference.parse(self.reference).settings).text


def lost_in(state: ProjectState) -> tuple[Lost, ...]:
    """Return what is open in a project and not there: the model first, since data is read for it.

    Only whether there is something is looked at, not what.
    """
    named: tuple[tuple[Kind, str | None], ...] = (("model", state.network), ("data", state.data))
    return tuple(
        Lost(kind, reference)
        for kind, reference in named
        if reference is not None and _is_path(reference) and _is_gone(reference)
    )


def differences(lost: Lost, runs: Iterable[Run], found: Inspection) -> tuple[str, ...]:
    """Say in sentences how what was found differs from what is lost; () where it is the same.

    What was known in projects from before contents were noted is compared as far as it goes.
    """
    runs = tuple(runs)
    if lost.kind == "model":
        return _of_model(lost, runs, found)
    looks = [
        run.inspection.data
        for run in runs
        if isinstance(run.job, InspectJob)
        and run.job.data == lost.reference
        and run.inspection is not None
        and run.inspection.data is not None
    ]
    if not looks or found.data is None:
        return ("Nothing is known of what was there before.",)
    return _of_data(looks[-1], found.data)


@dataclass(frozen=True)
class Move:
    """From one path to another, with the ids of variants that change on the way."""

    old: Path
    new: Path

    def reference(self, reference: str) -> str:
        """Return what something is called after the move; settings of data stay."""
        if not _is_path(reference) or _path(reference) != self.old:
            return reference
        named = DataReference.parse(reference)
        return DataReference(str(self.new), named.settings).text

    def variant(self, variant: Variant) -> Variant:
        """Return a variant as the project has it after the move."""
        network, data = self.reference(variant.network), self.reference(variant.data)
        recipe = variant.recipe.with_models(self.reference)
        if (network, data, recipe) == (variant.network, variant.data, variant.recipe):
            return variant
        models = {self.reference(name): print for name, print in variant.models.items()}
        changed: dict[str, object] = {
            "network": network, "data": data, "recipe": recipe, "models": models,
        }  # fmt: skip
        was, now = (variant.network, variant.data, variant.seed), (network, data, variant.seed)
        for split in SPLITS:
            if variant_id(*was, variant.recipe, split) == variant.id:
                changed["id"] = variant_id(*now, recipe, split)
                if variant.parent is not None:
                    changed["parent"] = variant_id(*now, _ORIGINAL, split)
        return variant.model_copy(update=changed)

    def event(self, event: Event) -> Event:
        """Return an event as if what has moved had always been there."""
        if isinstance(event, VariantReady):
            return event.model_copy(update={"variant": self.variant(event.variant)})
        if not isinstance(event, Started):
            return event
        named: dict[str, object] = {
            name: self.reference(given)
            for name in ("network", "data", "against")
            if isinstance(given := getattr(event.what, name, None), str)
        }
        if isinstance(recipe := getattr(event.what, "recipe", None), Recipe):
            named["recipe"] = recipe.with_models(self.reference)
        if recipes := getattr(event.what, "recipes", ()):
            named["recipes"] = tuple(it.with_models(self.reference) for it in recipes)
        return event.model_copy(update={"what": event.what.model_copy(update=named)})

    def state(self, state: ProjectState, ids: dict[str, str]) -> ProjectState:
        """Return the state after the move; `ids` are the new ids of variants by their old ones."""
        changed = {
            "network": None if state.network is None else self.reference(state.network),
            "data": None if state.data is None else self.reference(state.data),
            "recipe": state.recipe.with_models(self.reference),
            "selected": ids.get(state.selected or "", state.selected),
            "baseline": ids.get(state.baseline or "", state.baseline),
            "device_points": tuple(
                point.model_copy(update={"variant": ids.get(point.variant, point.variant)})
                for point in state.device_points
            ),
        }
        return state.model_copy(update=changed)


def _of_model(lost: Lost, runs: tuple[Run, ...], found: Inspection) -> tuple[str, ...]:
    known = sources(runs).get(lost.reference, "")
    if known and known == found.fingerprint:
        return ()
    looks = [run.inspection for run in runs if run.job.network == lost.reference]
    before = next((look for look in reversed(looks) if look is not None), None)
    if before is None:
        return ("Nothing is known of what was there before.",)
    told = []
    if [port.shape for port in before.inputs] != [port.shape for port in found.inputs]:
        told.append("Its inputs have other shapes.")
    if before.parameters != found.parameters:
        told.append(f"It has {found.parameters:,} parameters instead of {before.parameters:,}.")
    if known or told:
        return tuple(told) or ("Its weights are others.",)
    return ()


def _of_data(before: DataInfo, found: DataInfo) -> tuple[str, ...]:
    if before.fingerprint and before.fingerprint == found.fingerprint:
        return ()
    told = []
    if before.classes != found.classes:
        told.append(f"Its classes are {_named(found)} instead of {_named(before)}.")
    if before.metric != found.metric:
        told.append(f"It is judged by {found.metric} instead of {before.metric}.")
    for name in ("train", "validation", "test"):
        was, now = getattr(before, name), getattr(found, name)
        if was != now:
            told.append(f"{name} has {now:,} samples instead of {was:,}.")
    if not told and _ranges(before) != _ranges(found):
        told.append("Its numbers have another range.")
    if before.fingerprint or told:
        return tuple(told) or ("Counts and classes are the same, but samples in it are others.",)
    return ()


def _named(data: DataInfo) -> str:
    shown = ", ".join(data.classes[:5]) or "amounts"
    return f"{shown}, …" if len(data.classes) > 5 else shown


def _ranges(data: DataInfo) -> list[tuple[object, ...]]:
    splits = () if data.card is None else data.card.splits
    return [(item.by_class, item.minimum, item.maximum, item.mean) for item in splits]


def _is_path(reference: str) -> bool:
    return not reference.startswith(PREFIX) and not is_download(reference)


def _path(reference: str) -> Path:
    return Path(DataReference.parse(reference).path)


def _is_gone(reference: str) -> bool:
    try:
        return not _path(reference).exists()
    except (OSError, ValueError):
        return False  # it may be there; who opens it will say what is wrong
