"""How long techniques will take: from how long they took, in passes of samples.

A pass is one sample's way through the network. What a technique takes is told in passes of its
own samples (`Technique.passes`) times its pace: how many times a plain pass one of its passes
takes. The pace is what this machine has shown, or else the one that the technique declares.
"""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path
from typing import Any

from tinystudio.core.errors import UserError
from tinystudio.core.files import write_whole
from tinystudio.techniques.technique import Technique

KEPT = 9  # paces of one technique; their median shrugs off a busy moment
NETWORKS = 200  # whose passes are remembered
SETUP_S = 0.2  # whatever it is
LEAST_S = 2 * SETUP_S  # what took less tells of its setup alone
PASS_OVERHEAD_S = 5e-6  # of a sample on its way through a framework, however small the network


class Durations:
    """A file in the cache folder. One that cannot be read or written is as good as none."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "durations.json"
        self._passes: dict[str, float] = {}
        self._paces: dict[str, list[float]] = {}
        self._ratios: dict[str, list[float]] = {}
        try:
            kept = json.loads(self._path.read_bytes())
            self._passes = {str(key): float(value) for key, value in kept["passes"].items()}
            self._paces = {
                str(key): [float(pace) for pace in paces] for key, paces in kept["paces"].items()
            }
            self._ratios = {
                str(key): [float(ratio) for ratio in ratios]
                for key, ratios in kept.get("ratios", {}).items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._passes, self._paces, self._ratios = {}, {}, {}

    def plain_pass(self, network: str) -> float | None:
        """Return the seconds of a plain pass of a network (its fingerprint); None: not known."""
        return self._passes.get(network)

    def seconds_per_pass(self, technique: Technique[Any], plain: float) -> float:
        """Return the seconds of one of a technique's passes, `plain` being those of a plain one."""
        shown = self._paces.get(technique.id)
        pace = statistics.median(shown) if shown else technique.pace
        return pace * (plain + PASS_OVERHEAD_S)

    def note_passes(self, network: str, seconds_per_pass: float) -> None:
        """Remember the pass of a network."""
        if self._passes.get(network) != seconds_per_pass:
            others = {key: value for key, value in self._passes.items() if key != network}
            self._passes = dict([*others.items(), (network, seconds_per_pass)][-NETWORKS:])
            self._write()

    def note(self, technique: Technique[Any], network: str, passes: float, seconds: float) -> None:
        """Remember how long a technique took on a network for so many passes."""
        plain = self.plain_pass(network)
        if plain is None or passes <= 0 or seconds < LEAST_S:
            return
        pace = (seconds - SETUP_S) / (passes * (plain + PASS_OVERHEAD_S))
        if math.isfinite(pace):
            self._paces[technique.id] = [*self._paces.get(technique.id, []), pace][-KEPT:]
            self._write()

    def ratios(self) -> dict[str, float]:
        """Return how many times what was forecast the stretches of jobs have taken, by kind."""
        return {kind: statistics.median(found) for kind, found in self._ratios.items() if found}

    def note_ratio(self, kind: str, ratio: float) -> None:
        """Remember how many times what was forecast a stretch of a job has taken."""
        if math.isfinite(ratio) and ratio > 0:
            self._ratios[kind] = [*self._ratios.get(kind, []), ratio][-KEPT:]
            self._write()

    def _write(self) -> None:
        text = json.dumps({"passes": self._passes, "paces": self._paces, "ratios": self._ratios})
        try:
            write_whole(self._path, text.encode(), durable=False)
        except UserError:
            return  # a forecast less
