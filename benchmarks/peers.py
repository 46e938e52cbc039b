"""The methods that TinyStudio is compared with: each makes files and has them judged.

`optuna`: Optuna 5's default search (TPE) over every group's width (8 shares, by L1 norm) and every
layer's bits (32, 8, 4; round to nearest); `optuna-stat` gives every channel its mean and deviation
back (what re-estimating batch normalization does), `optuna-ft` trains every trial for 2 epochs.
`grid`: Torch-Pruning (L1) at 8 uniform widths, each trained as long as the budget allows, then
round to nearest at 32, 8 and 4 bits. `ort`: onnxruntime's quantize_static in 12 variants.
Rounding takes the scale that fits the weights best (least squares), which is better than the
largest weight's.
"""

from __future__ import annotations

import contextlib
import io
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import optuna
import torch_pruning

from benchmarks.contest import Contest
from benchmarks.gallery_tools import augmentation
from benchmarks.narrowing import to_nearest, widths, written
from benchmarks.torch_pruned import NARROWED, narrowed, pruned
from benchmarks.trained import module_of
from benchmarks.training import Plan, train
from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Silent
from tinystudio.graph.coupling import ChannelGroup, couple
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network
from tinystudio.graph.surgery import keep_channels
from tinystudio.measure.probing import calibration_of
from tinystudio.solvers.channel_study import ChannelStudy
from tinystudio.solvers.levels import base_network, storable

SHARES = (1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125)
BITS = (32, 8, 4)
CALIBRATION = 256
FINE = Plan(epochs=2, rate=2e-3, batch=64, smoothing=0.05, warm=0.1)
TIMED_STEPS = 6  # of training, to plan how long it may go on; warmed up before
FILLED = 0.95  # of a width's share of time that its training is planned to take
SCALE = "least squares"

Cut = Callable[[Mapping[str, float]], Network]


def optuna_plain(contest: Contest) -> None:
    """Search widths by L1 norm and bits, nothing mended."""
    base = base_network(contest.network, small=True)
    groups = _groups(base)
    _search(contest, groups, lambda shares: keep_channels(base, widths(base, groups, shares)))


def optuna_stat(contest: Contest) -> None:
    """The same, statistics of every channel restored."""
    base = base_network(contest.network, small=True)
    groups = _groups(base)
    samples = contest.dataset.calibration
    calibration = calibration_of(
        base, samples, contest.dataset.fingerprint, CALIBRATION, contest.seed, Silent(), Cache()
    )
    study = ChannelStudy(base, calibration, Cache(), Silent(), contest.seed)

    def cut(shares: Mapping[str, float]) -> Network:
        return study.cut(widths(base, groups, shares), resolve=False, mend=True)

    _search(contest, groups, cut)


def optuna_tuned(contest: Contest) -> None:
    """The same, every trial trained for two epochs."""
    network, only = contest.network, NARROWED.get(contest.subject.name)
    groups = tuple(
        group
        for group in _groups(network)
        if only is None or any(name in group.id for name in only)
    )

    def cut(shares: Mapping[str, float]) -> Network:
        narrow = keep_channels(network, widths(network, groups, shares))
        return base_network(_trained(contest, narrow, FINE), small=True)

    _search(contest, groups, cut)


def grid(contest: Contest) -> None:
    """Uniform widths, trained long, rounded."""
    for number, share in enumerate(SHARES):
        importance = torch_pruning.importance.MagnitudeImportance(p=1)
        samples = contest.dataset.calibration
        module = pruned(contest.subject, importance, 1 - share, samples)
        narrow = narrowed(module, contest.network)
        seconds = FILLED * contest.left_s / (len(SHARES) - number)
        epochs = seconds / _epoch_s(contest, narrow)
        plan = Plan(epochs, FINE.rate, FINE.batch, smoothing=FINE.smoothing, warm=FINE.warm)
        done = base_network(_trained(contest, narrow, plan), small=True)
        for bits in BITS:
            contest.judge(to_nearest(done, dict.fromkeys(storable(done), bits), SCALE))


def ort(contest: Contest) -> None:
    """Quantize by onnxruntime in every sensible way."""
    from onnxruntime import quantization as made

    source, target = contest.folder / "plain.onnx", contest.folder / "quantized.onnx"
    source.write_bytes(base_network(contest.network).data)
    draw = np.random.default_rng(contest.seed)
    train_split = contest.dataset.train
    chosen = draw.choice(len(train_split), min(CALIBRATION, len(train_split)), replace=False)
    samples = train_split.take(np.sort(chosen))
    kinds = made.QuantType
    logging.getLogger().setLevel(logging.ERROR)  # it advises at every call
    for method in ("MinMax", "Entropy", "Percentile"):
        for per_channel in (False, True):
            for activation in (kinds.QUInt8, kinds.QInt8):
                with contextlib.redirect_stdout(io.StringIO()):  # it tells how it goes
                    made.quantize_static(
                        source, target, _reader(contest.network, samples),
                        quant_format=made.QuantFormat.QDQ, per_channel=per_channel,
                        activation_type=activation, weight_type=kinds.QInt8,
                        calibrate_method=getattr(made.CalibrationMethod, method),
                    )  # fmt: skip
                contest.judge(open_network(target))


PEERS: dict[str, Callable[[Contest], None]] = {
    "optuna": optuna_plain,
    "optuna-stat": optuna_stat,
    "optuna-ft": optuna_tuned,
    "grid": grid,
    "ort": ort,
}


def _search(contest: Contest, groups: tuple[ChannelGroup, ...], cut: Cut) -> None:
    """Let Optuna ask until the time is over."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    # The default sampler of Optuna 5 (multivariate TPE), with a seed.
    sampler = optuna.samplers.TPESampler(seed=contest.seed)
    study = optuna.create_study(directions=["minimize", "maximize"], sampler=sampler)
    nodes = tuple(storable(base_network(contest.network)))
    while True:
        contest.check()
        trial = study.ask()
        shares = {g.id: SHARES[trial.suggest_int(g.id, 0, len(SHARES) - 1)] for g in groups}
        bits = {node: trial.suggest_categorical(f"bits {node}", BITS) for node in nodes}
        size, score = contest.judge(to_nearest(cut(shares), bits, SCALE))
        study.tell(trial, [size, score])


def _groups(network: Network) -> tuple[ChannelGroup, ...]:
    return tuple(group for group in couple(network).groups if group.removable)


def _trained(contest: Contest, narrow: Network, plan: Plan) -> Network:
    """Return a narrowed network trained on."""
    module = module_of(contest.subject.name, narrow)
    vary = augmentation(contest.subject.task, contest.dataset)
    train(module, contest.dataset.train, vary, plan, contest.seed, contest.check)
    return written(module, narrow)


def _epoch_s(contest: Contest, narrow: Network) -> float:
    """Return the CPU seconds of an epoch, from a few steps."""
    module, train_split = module_of(contest.subject.name, narrow), contest.dataset.train
    vary = augmentation(contest.subject.task, contest.dataset)
    share = TIMED_STEPS * FINE.batch / len(train_split)
    plan = Plan(share, FINE.rate, FINE.batch)
    train(module, train_split, vary, Plan(0, FINE.rate, FINE.batch), 0, contest.check)
    start = time.process_time()
    train(module, train_split, vary, plan, 0, contest.check)
    return (time.process_time() - start) / share


def _reader(network: Network, samples: Samples) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._fed = _batches(network, samples)

        def get_next(self) -> dict[str, Array] | None:
            return next(self._fed, None)

    return Reader()


def _batches(network: Network, samples: Samples) -> Iterator[dict[str, Array]]:
    for part in samples.batches(64):
        yield {network.inputs[0].name: part.inputs[0]}
