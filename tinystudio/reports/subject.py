"""What a report is about: everything it tells, gathered once, so that it can be written apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tinystudio.core.data_reference import DataReference
from tinystudio.core.errors import UserError
from tinystudio.downloads import find_download, is_download
from tinystudio.gallery import PREFIX, find_task
from tinystudio.jobs.inspection import Inspection
from tinystudio.reports import words
from tinystudio.session.baseline import ORIGINAL, Comparisons, baseline_words
from tinystudio.session.board import Board
from tinystudio.session.controls import is_control
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.front import Limits, height_of
from tinystudio.session.gains import Gain, gains_among
from tinystudio.session.marks import ProjectVariant

TITLE = "No report was written"


@dataclass(frozen=True)
class ReportSubject:
    """One model on one data set. `original` is the model as it came; `chosen` what came of it.

    `baseline` is set where changes are told against another variant than the original; `variants`
    are then compared with that. What is outdated is left out and counted.
    """

    project: str
    network: str
    data: str
    seed: int
    written_at: str
    inspection: Inspection
    original: ProjectVariant
    variants: tuple[ProjectVariant, ...]
    chosen: ProjectVariant
    why_chosen: str
    limits: Limits
    baseline: ProjectVariant | None
    outdated: int
    device_points: tuple[DevicePoint, ...]
    gains: tuple[tuple[str, Gain], ...]

    @property
    def reference(self) -> ProjectVariant:
        """Return what changes are told against."""
        return self.baseline or self.original

    @property
    def untested(self) -> tuple[str, ...]:
        """Return the ids of what is to be measured on test before this is complete.

        The original needs no job of its own beside another's: it is measured in every one.
        """
        missing = [item for item in (self.chosen, self.reference) if not item.has_test]
        others = [item for item in missing if not item.is_original]
        return tuple(dict.fromkeys(item.id for item in others or missing))

    @property
    def disagreement(self) -> str:
        """Say where the test split does not bear out what the choice was made by; else nothing."""
        chosen, found = self.chosen.measurement, self.chosen.test
        if found is None or not self.chosen.has_test or found.score_change is None:
            return ""
        if not chosen.score_tied or found.score_tied is not False:
            return ""
        return (
            f"On {chosen.split} the two tie; the test split, which had no part in the choice, "
            f"disagrees: {words.change(found, decimals=words.MORE)}."
        )

    @property
    def network_words(self) -> str:
        """Return what the model is called, without the folders of this computer."""
        if self.network.startswith(PREFIX):
            return find_task(self.network).title
        return _name(self.network)

    @property
    def data_words(self) -> str:
        """Return what the data is called, likewise."""
        name = DataReference.parse(self.data).path
        if name.startswith(PREFIX):
            return find_task(name).title
        return find_download(self.data).title if is_download(self.data) else _name(name)

    @property
    def network_argument(self) -> str:
        """Return the model as a command names it, from the folder it is in."""
        return self.network if self.network.startswith(PREFIX) else _name(self.network)

    @property
    def data_argument(self) -> str:
        """Return the data as a command names it, from the folder it is in."""
        named = DataReference.parse(self.data)
        if named.path.startswith(PREFIX) or is_download(self.data):
            return self.data
        return DataReference(_name(named.path), named.settings).text


def report_subject(
    board: Board, variant: str | None = None, baseline: str | None = None
) -> ReportSubject:
    """Gather what a report on the open model tells; `variant` (id or title) is the chosen one.

    `baseline` (likewise) is what changes are told against; by default it is the project's.
    Raises `UserError` where there is nothing to report on, or no such variant.
    """
    original, inspection = board.original, board.inspection
    if board.network is None or board.data is None or original is None or inspection is None:
        raise UserError(
            TITLE, "Nothing is measured in this project.", "Open a model with data and measure it."
        )
    usable = [item for item in board.variants() if not item.is_outdated]
    base = board.baseline if baseline is None else _named(usable, baseline)
    compared = {item.id: item for item in Comparisons().of(board.variants(), base)}
    fresh = tuple(item for item in compared.values() if not item.is_outdated)
    chosen, why = _chosen(board, usable, variant) or _fitting(fresh, baseline_words(base))
    is_other = base is not None and not base.is_original
    return ReportSubject(
        project=board.project.title,
        network=board.network,
        data=board.data,
        seed=board.state.seed,
        written_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        inspection=inspection,
        original=compared[original.id],
        variants=fresh,
        chosen=compared[chosen.id],
        why_chosen=why,
        limits=board.limits,
        baseline=compared[base.id] if is_other and base is not None else None,
        outdated=len(compared) - len(fresh),
        device_points=board.device_points,
        gains=tuple(gains_among(fresh)),
    )


def _named(usable: Sequence[ProjectVariant], name: str) -> ProjectVariant:
    found = [item for item in usable if name in (item.id, item.title)]
    if not found:
        titles = ", ".join(repr(item.title) for item in usable[:8])
        raise UserError(TITLE, f"There is no variant {name!r}.", f"There are: {titles}.")
    return found[0]


def _chosen(
    board: Board, usable: Sequence[ProjectVariant], named: str | None
) -> tuple[ProjectVariant, str] | None:
    """Return what somebody has chosen, and why it counts as chosen; None where nobody has."""
    if named is not None:
        return _named(usable, named), "It was named when this report was asked for."
    selected = board.selected
    if selected is not None and not selected.is_outdated:
        return selected, "It was selected in the project."
    kept = [item for item in usable if item.mark.kept and not item.is_original]
    if kept:
        return kept[-1], "It was kept in the project."
    best = board.best() if board.limits != Limits() else None
    if best is not None and not best.is_outdated:
        return best, "It has the best score inside the limits that were drawn."
    return None


def _fitting(usable: Sequence[ProjectVariant], baseline: str) -> tuple[ProjectVariant, str]:
    """Return what is likely wanted where nobody has chosen, and why."""
    smallest = _smallest_tied(usable)
    if smallest is not None:
        theirs = "the original's" if baseline == ORIGINAL else f"that of {baseline}"
        split = smallest.measurement.split
        return smallest, f"It is the smallest whose score on {split} ties with {theirs}."
    closest = _best_of_the_smaller(usable)
    if closest is not None:
        split = closest.measurement.split
        why = (
            f"On {split} none that is smaller ties with {baseline}; of these it has the best score."
        )
        return closest, why
    return usable[0], "No variant was chosen; this is the model as it came."


def _smallest_tied(items: Sequence[ProjectVariant]) -> ProjectVariant | None:
    tied = [
        item for item in items
        if item.measurement.score_tied
        and item.measurement.size_bytes is not None
        and not is_control(item.variant.series)
    ]  # fmt: skip
    return min(tied, key=lambda item: item.measurement.size_bytes or 0, default=None)


def _best_of_the_smaller(items: Sequence[ProjectVariant]) -> ProjectVariant | None:
    size = next((it.measurement.size_bytes for it in items if it.is_reference), None)
    smaller = [
        item for item in items
        if size is not None
        and item.measurement.size_bytes is not None
        and item.measurement.size_bytes < size
        and item.measurement.score is not None
        and not is_control(item.variant.series)
    ]  # fmt: skip
    return max(smaller, key=lambda item: height_of(item.measurement), default=None)


def _name(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
