"""Settings of a technique that have nothing to work on in a model, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tinystudio.jobs.inspection import PreflightInfo

# By technique and setting: the technique that would have to be possible, and what is said if not.
NEEDS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("student", "depth"): (
        "layer-removal", "The depth stays: this model has no blocks that can be left out."
    ),
}  # fmt: skip


def idle_settings(technique: str, known: Iterable[PreflightInfo]) -> dict[str, str]:
    """Return the settings that change nothing of this model, each with its reason."""
    refused = {item.technique for item in known if item.status == "cannot"}
    return {
        setting: reason
        for (owner, setting), (needed, reason) in NEEDS.items()
        if owner == technique and needed in refused
    }
