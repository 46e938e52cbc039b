"""The window. Loads neither torch nor onnxruntime."""
