"""The views of a comparison: figures, classes, confusions, samples, layers, weights."""
