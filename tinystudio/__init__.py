"""See what it costs to make a neural network small, before it ships."""

import os

# onnxruntime reports its use to its makers unless this is set before it is loaded. It stands here
# because every process of ours, spawned ones too, imports this package first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"
