"""How the points of a plot look where colour and size tell further figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinystudio.core.data import Array
from tinystudio.gui.diagram.colours import mixed
from tinystudio.gui.plots.clouds import PointLook
from tinystudio.gui.theme import Theme

SHADES = 8  # of a figure that colours the points
SIZES = (6.0, 9.0, 12.0, 16.0)  # pixels across, of one that sizes them
PLAIN = 9.0


def shade(share: float, colours: Theme) -> str:
    """Return the colour of a figure between the least (0) and the greatest (1)."""
    low, high = colours.blue, colours.yellow
    return mixed(low, high, min(1.0, max(0.0, share))).name()


def binned(values: Array, count: int) -> Array:
    """Return for values (n,) in which of so many equal steps they lie; unknown ones in the first.

    Outliers at either end (one in fifty) share the outermost step, and do not flatten the rest.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return np.zeros(len(values), np.int64)
    low, high = ends(values)
    share = np.nan_to_num((values - low) / max(high - low, 1e-300), nan=0.0)
    return np.clip((share * count).astype(np.int64), 0, count - 1)


def ends(values: Array) -> tuple[float, float]:
    """Return from where to where the colours go."""
    known = values[np.isfinite(values)]
    if not len(known):
        return (0.0, 0.0)
    low, high = np.quantile(known, (0.02, 0.98))
    if low == high:
        low, high = known.min(), known.max()
    return (float(low), float(high))


def point_looks(
    series: Sequence[str], colour_values: Array | None, size_values: Array | None, colours: Theme
) -> tuple[Array, list[PointLook]]:
    """Return the number of each point's look (n,), and the looks.

    Shapes stay the series' own, whatever the colours tell.
    """
    names = list(dict.fromkeys(series))
    place = {name: at for at, name in enumerate(names)}
    kinds = np.fromiter((place[name] for name in series), np.int64, len(series))
    shades = (
        np.zeros(len(series), np.int64) if colour_values is None else binned(colour_values, SHADES)
    )
    sizes = (
        np.zeros(len(series), np.int64) if size_values is None else binned(size_values, len(SIZES))
    )
    keys = (kinds * SHADES + shades) * len(SIZES) + sizes
    found, look = np.unique(keys, return_inverse=True)
    looks = []
    for key in found.tolist():
        rest, size = divmod(key, len(SIZES))
        kind, step = divmod(rest, SHADES)
        own = colours.series(names[kind])
        colour = own.colour if colour_values is None else shade(step / (SHADES - 1), colours)
        pixels = PLAIN if size_values is None else SIZES[size]
        looks.append(PointLook(own.symbol, colour, pixels))
    return np.asarray(look, np.int64), looks
