"""What W8A8 after training costs, beside every way of onnxruntime's `quantize_static`.

    python -m benchmarks.w8a8_quality [--networks ...] [--seeds 3] [--step param=value ...]
                                      [--nncf PYTHON]

Everyone gets the same network and per seed the same 256 training samples; everyone's ONNX file is
measured on the whole test split. Ours is technique `static-quantization` as it comes (`--step`
changes parameters). Peers: `quant_pre_process`, then `quantize_static` in QDQ form with unsigned
activations and signed weights, for MinMax, Entropy and Percentile, per channel and not; and, where
`--nncf` names a Python that has it (`python -m venv nncf && nncf/bin/pip install nncf onnxruntime`:
it wants other packages than the studio), NNCF's `quantize` as it comes and for both presets.
`recurrent` has a GRU and an LSTM, which nobody quantizes statically: it must not collapse.
Aim, medians of seeds: a score no worse than the best peer's, at no more bytes than that peer's.

The best of eight peers is picked by its test score, so where all are equally good it wins by
luck, above the float network itself on some; that is then said: no quantizer that keeps all of the
network's answers would reach it. `changed` (share of answers that are not the float network's, in
percent, of classifiers) and `dB` (outputs over their error) tell what a small test split does not.
Beside the aim stands the difference to that peer, sample by sample, with its 90 % interval: one
that holds zero says that these samples cannot tell the two apart. `elsewhere` is the comparison
without that luck: the best peer is picked on one split and judged on the other, both ways.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.networks import find
from tinystudio.core import places
from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Dataset, Samples
from tinystudio.core.intervals import paired_difference
from tinystudio.core.params import parse_params
from tinystudio.core.reporter import Silent
from tinystudio.gallery import gallery
from tinystudio.graph.network import Network
from tinystudio.measure.agreement import agreement
from tinystudio.measure.running import outputs_of
from tinystudio.metrics import find_metric
from tinystudio.metrics.metric import Metric
from tinystudio.techniques.static_quantization import StaticQuantization
from tinystudio.techniques.technique import Context

NETWORKS = (*gallery(), "recurrent")
CALIBRATION = 256
METHODS = ("MinMax", "Entropy", "Percentile")
PRESETS = ("performance", "mixed")


@dataclass(frozen=True)
class Result:
    """What one file did on test: score and changed answers (percent, or dB), decibels, bytes."""

    score: float
    changed: float
    decibels: float
    size: int
    per_sample: Array


@dataclass(frozen=True)
class Test:
    """The test split, how it is judged, and what the float network answers."""

    samples: Samples
    metric: Metric
    expected: tuple[Array, ...]

    @property
    def factor(self) -> float:
        """Return what a score is shown times."""
        return 100.0 if self.metric.unit == "%" else 1.0

    def judged(self, file: bytes) -> Result:
        """Return what a file does."""
        outputs = outputs_of(file, self.samples, Silent())
        truth = self.metric.truth(self.samples)
        assert truth is not None
        per_sample = self.factor * self.metric.per_sample(outputs, truth)
        changed = float("nan")
        if self.metric.classifies:
            answers, floats = (found[0].argmax(axis=1) for found in (outputs, self.expected))
            changed = 100 * float((answers != floats).mean())
        noise = agreement(self.expected, outputs).sqnr_db
        return Result(float(per_sample.mean()), changed, noise, len(file), per_sample)


def main() -> None:
    """Print one line per network and quantizer, and whether the aim is reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=NETWORKS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--step", nargs="*", default=[], metavar="param=value")
    parser.add_argument("--nncf", type=Path, help="a Python that has NNCF")
    parser.add_argument("--cache", type=Path, default=places.cache() / "benchmarks")
    options = parser.parse_args()
    settings = dict(item.split("=", 1) for item in options.step)
    print(f"{'network':11}{'quantizer':24}{'score':>9}{'changed':>9}{'dB':>7}{'bytes':>9}")
    for name in options.networks:
        subject = find(name, options.cache)
        network, data = subject.network(), subject.dataset()
        _compare(name, network, data, options.seeds, settings, options.nncf)


def _compare(
    name: str, network: Network, data: Dataset, seeds: int, settings: dict[str, Any],
    nncf: Path | None,
) -> None:  # fmt: skip
    metric = find_metric(data.metric)
    test, other = (
        Test(split, metric, outputs_of(network.data, split, Silent()))
        for split in (data.test, data.validation)
    )
    found: dict[str, list[tuple[Result, Result]]] = {}
    for seed in range(seeds):
        samples = calibration_samples(data.train, seed)
        for quantizer, file in _files(network, samples, seed, settings, nncf):
            found.setdefault(quantizer, []).append((test.judged(file), other.judged(file)))
    exact = test.judged(network.data)
    _print(name, f"float ({metric.id})", exact)
    on_test, on_other = (
        {quantizer: _median([pair[at] for pair in pairs]) for quantizer, pairs in found.items()}
        for at in (0, 1)
    )
    for quantizer, result in on_test.items():
        _print(name, quantizer, result)
    sign = 1 if metric.higher_is_better else -1
    ours, best = on_test["ours"], _best_peer(on_test, sign)
    ahead = sign * (ours.score - on_test[best].score)
    reached = ahead >= 0 and ours.size <= on_test[best].size
    beyond = sign * (exact.score - on_test[best].score) < 0
    print(
        f"{name:11}best peer {best}: {'reached' if reached else 'MISSED'}; "
        f"{'the float network itself would miss; ' if beyond else ''}"
        f"{_difference(ours, on_test[best], sign)}",
        flush=True,
    )
    picked = _best_peer(on_other, sign)
    print(
        f"{name:11}elsewhere: {picked}, picked on validation, on test "
        f"{_difference(ours, on_test[picked], sign)}; {best}, picked on test, on validation "
        f"{_difference(on_other['ours'], on_other[best], sign)}",
        flush=True,
    )


def _best_peer(results: Mapping[str, Result], sign: int) -> str:
    """Return the peer of the best score, of equals the smallest."""
    peers = [quantizer for quantizer in results if quantizer != "ours"]
    return max(peers, key=lambda q: (sign * results[q].score, -results[q].size))


def _difference(ours: Result, peer: Result, sign: int) -> str:
    """Return how far ours is ahead of the peer, and whether the samples can tell."""
    mean, (low, high) = paired_difference(sign * peer.per_sample, sign * ours.per_sample)
    told = "a tie" if low <= 0 <= high else "ahead" if low > 0 else "behind"
    return f"{mean:+.2f} [{low:+.2f}, {high:+.2f}]: {told}"


def calibration_samples(train: Samples, seed: int) -> Samples:
    """Return the training samples that everyone gets for this seed."""
    count = min(CALIBRATION, len(train))
    return train.take(np.sort(np.random.default_rng(seed).choice(len(train), count, False)))


def _files(
    network: Network, samples: Samples, seed: int, settings: dict[str, Any], nncf: Path | None
) -> Iterator[tuple[str, bytes]]:
    """Yield each quantizer's name and file."""
    ours = StaticQuantization()
    params = parse_params(ours.params, settings, ours.title)
    context = Context(network, samples, f"seed {seed}", seed, Silent(), Cache())
    yield "ours", ours.apply(network, params, context).network.data
    with tempfile.TemporaryDirectory() as folder:
        for method in METHODS:
            for per_channel in (True, False):
                way = f"{method}{' per channel' if per_channel else ''}"
                yield way, _peer(network, samples, method, per_channel, Path(folder))
        for preset in PRESETS:
            if nncf is None:
                break
            yield f"NNCF {preset}", _nncf(nncf, network, samples, preset, Path(folder))


def _peer(
    network: Network, samples: Samples, method: str, per_channel: bool, folder: Path
) -> bytes:
    """Return what onnxruntime's own tool makes, in the form that runs fastest in it."""
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    given, ready, made = (folder / f"{part}.onnx" for part in ("given", "ready", "made"))
    given.write_bytes(network.data)
    quant_pre_process(str(given), str(ready), auto_merge=True)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does
        quantization.quantize_static(
            str(ready),
            str(made),
            _reader(network, samples),
            per_channel=per_channel,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            calibrate_method=getattr(quantization.CalibrationMethod, method),
        )
    return made.read_bytes()


def _nncf(python: Path, network: Network, samples: Samples, preset: str, folder: Path) -> bytes:
    """Return what NNCF makes, in an interpreter of its own."""
    given, fed, made = folder / "given.onnx", folder / "fed.npz", folder / "made.onnx"
    given.write_bytes(network.data)
    np.savez(fed, **_fed(network, samples))
    script = Path(__file__).parent / "nncf_peer.py"
    command = [python, script, given, fed, preset, made]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return made.read_bytes()


def _reader(network: Network, samples: Samples) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]  # the library has no types
        """Gives all samples at once: the histograms of some methods want batches of one size."""

        def __init__(self) -> None:
            self._batches = samples.batches(len(samples))

        def get_next(self) -> dict[str, Array] | None:
            """Return the next batch by input name; None after the last."""
            batch = next(self._batches, None)
            return None if batch is None else _fed(network, batch)

    return Reader()


def _fed(network: Network, batch: Samples) -> dict[str, Array]:
    pairs = zip(network.inputs, batch.inputs, strict=True)
    return {port.name: array.astype(port.dtype) for port, array in pairs}


def _median(results: list[Result]) -> Result:
    return Result(
        statistics.median(item.score for item in results),
        statistics.median(item.changed for item in results),
        statistics.median(item.decibels for item in results),
        int(statistics.median(item.size for item in results)),
        np.mean([item.per_sample for item in results], axis=0),
    )


def _print(name: str, quantizer: str, result: Result) -> None:
    print(
        f"{name:11}{quantizer:24}{result.score:9.2f}{result.changed:9.2f}"
        f"{result.decibels:7.1f}{result.size:9}",
        flush=True,
    )


if __name__ == "__main__":
    main()
