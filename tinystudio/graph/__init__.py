"""The ONNX network: open it, read facts off it, find coupled channels, operate on it."""
