"""See what it costs to make a neural network small, before it ships."""

__version__ = "0.1.0"
