"""Words everyone uses: parameters, data, measurements, errors, files, places.

Nothing here imports torch, onnxruntime or Qt. Parts import torch and onnxruntime inside the
methods that compute, so that the window can read their declarations without loading either.
"""
