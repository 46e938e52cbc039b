"""Accuracy, size, latency, memory, energy of the exact bytes that will be exported."""
