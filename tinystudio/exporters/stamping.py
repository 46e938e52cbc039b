"""What a file says about itself: recipe, classes, preprocessing, licence, in its metadata.

The engine stamps a variant before it measures it, so that every figure is that of the very bytes
which are exported; the exporters then write those bytes as they are. The same words in, the same
bytes out: no date, no path, no name of a machine.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import tinystudio
from tinystudio.core.data import Preprocessing
from tinystudio.graph.network import Network

PREFIX = "tinystudio."
RECIPE_KEY = f"{PREFIX}recipe"


def stamped(
    network: Network,
    *,
    recipe_json: str,
    classes: tuple[str, ...] = (),
    preprocessing: Preprocessing | None = None,
    licence: str = "",
) -> Network:
    """Return `network` with TinyStudio's entries in its metadata; foreign entries stay."""
    new = _entries(recipe_json, classes, preprocessing, licence)
    kept = {k: v for k, v in network.metadata.items() if not _is_said_anew(network, k, new)}
    return network.with_metadata({**kept, **new})


def _is_said_anew(network: Network, key: str, new: Mapping[str, str]) -> bool:
    """Say whether an entry is an older one of ours, or a gallery file's own word for a new one."""
    if key.startswith(PREFIX):
        return True
    return network.producer_name.startswith("tinystudio") and PREFIX + key in new


def _entries(
    recipe_json: str,
    classes: tuple[str, ...],
    preprocessing: Preprocessing | None,
    licence: str,
) -> Mapping[str, str]:
    entries = {
        "version": tinystudio.__version__,
        "recipe": compact_json(json.loads(recipe_json)),
        "classes": compact_json(list(classes)) if classes else "",
        "preprocessing": _preprocessing(preprocessing),
        "licence": licence,
    }
    return {PREFIX + key: text for key, text in sorted(entries.items()) if text}


def _preprocessing(done: Preprocessing | None) -> str:
    """Say how raw numbers become the network's input: (x - mean) / scale."""
    if done is None:
        return ""
    known = {"mean": list(done.mean), "scale": list(done.scale), "note": done.note}
    return compact_json({key: value for key, value in known.items() if value})


def preprocessing_in(network: Network) -> Preprocessing:
    """Return what a file says of its preprocessing; nothing where it says none that is sound."""
    try:
        said = json.loads(network.metadata.get(PREFIX + "preprocessing", "{}"))
        mean, scale = (tuple(float(it) for it in said.get(key, ())) for key in ("mean", "scale"))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Preprocessing()
    is_sound = len(mean) == len(scale) and all(map(math.isfinite, mean)) and all(scale)
    return Preprocessing(mean, scale) if is_sound else Preprocessing()


def compact_json(value: object) -> str:
    """Return JSON as it stands in the metadata: no spaces, keys in order."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
