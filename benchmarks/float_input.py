"""Layers that read the input, in float between INT8 layers or in INT8 as well.

    python -m benchmarks.float_input [--networks watch satellite ...] [--seed 0]

Technique `static-quantization` from the same 256 training samples, with `input_in_float` on and
off: decibels of the outputs over their error on test, bytes, and the share of the time that the
file takes with these layers in float (with its 90 % interval; both timed in shuffled blocks of one
fresh process, measure/latency.py). `auto`: what is chosen where nobody asks.

Aim: what automatic chooses is never slower by more than a tenth, and never further from the float
network's outputs.
"""

from __future__ import annotations

import argparse

from benchmarks.networks import find
from benchmarks.w8a8_quality import calibration_samples
from tinystudio.core import places
from tinystudio.core.cache import Cache
from tinystudio.core.reporter import Silent
from tinystudio.gallery import gallery
from tinystudio.measure.agreement import agreement
from tinystudio.measure.latency import time_network
from tinystudio.measure.running import outputs_of
from tinystudio.techniques.static_quantization import StaticQuantization
from tinystudio.techniques.technique import Context

NETWORKS = (*gallery(), "resnet8", "dscnn")


def main() -> None:
    """Print one line per network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=NETWORKS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"{'network':11}{'dB, INT8':>10}{'in float':>10}{'bytes':>9}{'in float':>10}  time, auto")
    for name in options.networks:
        print(_line(name, options.seed), flush=True)


def _line(name: str, seed: int) -> str:
    subject = find(name, places.cache() / "benchmarks")
    network, data = subject.network(), subject.dataset()
    technique = StaticQuantization()
    samples = calibration_samples(data.train, seed)
    context = Context(network, samples, f"seed {seed}", seed, Silent(), Cache())
    expected = outputs_of(network.data, data.test, Silent())
    made, kept = {}, {}
    for way in ("off", "on", "auto"):
        params = technique.params(input_in_float=way)
        made[way] = technique.apply(network, params, context).network.data
        kept[way] = agreement(expected, outputs_of(made[way], data.test, Silent())).sqnr_db
    timing = time_network(made["on"], made["off"], data.validation, 1, seed, Silent())
    low, high = timing.ratio_interval or (float("nan"), float("nan"))
    chosen = "in float" if made["auto"] == made["on"] else "INT8"
    return (
        f"{name:11}{kept['off']:10.1f}{kept['on']:10.1f}{len(made['off']):9}{len(made['on']):10}"
        f"  {timing.ratio:.2f} [{low:.2f}, {high:.2f}], {chosen}"
    )


if __name__ == "__main__":
    main()
