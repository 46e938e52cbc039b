"""What is asked of the engine to compare variants of a project, and to look into their layers."""

from __future__ import annotations

from collections.abc import Sequence

from tinystudio.core.data import Split
from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement
from tinystudio.jobs.comparison import FEWEST, MOST, Comparison, Contender
from tinystudio.jobs.job import CompareJob, SpreadJob
from tinystudio.session.board import Board
from tinystudio.session.marks import ProjectVariant

TITLE = "Nothing was compared"


def compare_job(
    session: Board, variants: Sequence[str], time: bool = True, first: str | None = None
) -> CompareJob:
    """Return the job that compares these variants, given by id; the first is what others are held
    against: the project's baseline, where it is among them, or else the original.

    `first` is another one to hold them against. They are judged on validation, or on test where
    all of them are kept and measured on it. Raises `UserError` where they cannot be compared.
    """
    found = chosen(session, variants, first)
    split: Split = "test" if all(_is_for_test(item) for item in found) else "validation"
    contenders = tuple(_contender(session, item, split) for item in found)
    assert session.network is not None  # or it would have no variants
    titles = ", ".join(item.title for item in found)
    return CompareJob(
        network=session.network, data=session.data, seed=session.state.seed,
        contenders=contenders, split=split, title=f"Compare {titles}", time=time,
    )  # fmt: skip


def spread_job(job: CompareJob, layer: str) -> SpreadJob:
    """Return the job that looks into one layer of what was compared."""
    return SpreadJob(
        network=job.network, data=job.data, seed=job.seed, contenders=job.contenders, layer=layer
    )


def with_newest_figures(session: Board, found: Comparison) -> Comparison:
    """Return a comparison whose figures are those of now: times move with the original's.

    Itself, where nothing has changed.
    """
    contenders = tuple(_as_now(session, item, found.split) for item in found.contenders)
    if contenders == found.contenders:
        return found
    return found.model_copy(update={"contenders": contenders})


def _as_now(session: Board, item: Contender, split: Split) -> Contender:
    known = session.variant(item.id) if item.id else None
    figures = None if known is None or known.is_outdated else _figures(known, split)
    if figures is None or figures.split != split:
        return item
    return item.model_copy(update={"measurement": figures})


def chosen(
    session: Board, variants: Sequence[str], first: str | None = None
) -> tuple[ProjectVariant, ...]:
    """Return the variants of these ids, baseline and original first; `UserError` for too few."""
    found = [item for id in dict.fromkeys(variants) if (item := session.variant(id)) is not None]
    baseline = session.baseline
    base = first or (None if baseline is None else baseline.id)
    found.sort(key=lambda item: (item.id != base, not item.is_original))
    if not FEWEST <= len(found) <= MOST:
        count = "One variant is" if len(found) == 1 else f"{len(found) or 'No'} variants are"
        raise UserError(
            TITLE, f"{count} chosen.",
            f"Choose {FEWEST} to {MOST} of them with Ctrl or Shift and a click.",
        )  # fmt: skip
    outdated = next((item for item in found if item.is_outdated), None)
    if outdated is not None:
        raise UserError(
            TITLE, f"{outdated.title} is of what stood in the model's file before.",
            "Measure its recipe again first.",
        )  # fmt: skip
    return tuple(found)


def _is_for_test(item: ProjectVariant) -> bool:
    return item.has_test and (item.mark.kept or item.is_original)


def _contender(session: Board, item: ProjectVariant, split: Split) -> Contender:
    file = None if item.is_original else session.project.artifact(item.variant)
    return Contender(
        title=item.title, recipe=item.variant.recipe, id=item.id,
        file=None if file is None else str(file), measurement=_figures(item, split),
    )  # fmt: skip


def _figures(item: ProjectVariant, split: Split) -> Measurement:
    if split == "test" and item.test is not None:
        return item.test
    return item.measurement
