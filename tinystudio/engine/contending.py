"""The networks that are compared: the exact files where they are there, else made again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tinystudio.core.data import Dataset
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Part, Reporter
from tinystudio.engine.making import make
from tinystudio.engine.work import Work
from tinystudio.gallery import PREFIX
from tinystudio.graph.network import Network
from tinystudio.jobs.comparison import FEWEST, MOST, Contender

TITLE = "The variants were not compared"


@dataclass(frozen=True)
class Origin:
    """What recipes are carried out on, and by what data and seed."""

    reference: str
    network: Network
    dataset: Dataset | None
    seed: int


def networks_of(
    contenders: tuple[Contender, ...], origin: Origin, work: Work, reporter: Reporter
) -> tuple[Network, ...]:
    """Return the network of every contender; raises `UserError` where one cannot be had."""
    if not FEWEST <= len(contenders) <= MOST:
        raise UserError(
            TITLE, f"{len(contenders)} were given.", f"Choose {FEWEST} to {MOST} variants."
        )
    found = []
    for at, item in enumerate(contenders):
        part = Part(reporter, at / len(contenders), (at + 1) / len(contenders))
        part.progress(0, 1, f"Opening {item.title}")
        found.append(_network_of(item, origin, work, part))
    return tuple(found)


def _network_of(item: Contender, origin: Origin, work: Work, reporter: Reporter) -> Network:
    file = item.file
    if file is not None and (file.startswith(PREFIX) or Path(file).is_file()):
        return work.network(file)
    if file is not None and not item.recipe.steps:
        return work.network(file)  # which says what is wrong with the path
    if not item.recipe.steps:
        return origin.network
    made = make(origin.network, item.recipe, origin.dataset, origin.seed, reporter, work.cache)
    return work.finished(made.network, item.recipe, origin.reference, origin.dataset)
