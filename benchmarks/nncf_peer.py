"""What NNCF makes of a network; run by `benchmarks.w8a8_quality` in an interpreter that has NNCF.

PYTHON nncf_peer.py NETWORK.onnx SAMPLES.npz performance|mixed RESULT.onnx
"""

import sys

import nncf
import numpy as np
import onnx


def main() -> None:
    """Quantize one network with the samples of a file, all of them."""
    network, samples, preset, result = sys.argv[1:]
    fed = dict(np.load(samples))
    count = len(next(iter(fed.values())))

    def one(at: int) -> dict[str, np.ndarray]:
        return {name: array[at : at + 1] for name, array in fed.items()}

    made = nncf.quantize(
        onnx.load(network),
        nncf.Dataset(list(range(count)), one),
        preset=nncf.QuantizationPreset(preset),
        subset_size=count,
    )
    onnx.save(made, result)


if __name__ == "__main__":
    main()
