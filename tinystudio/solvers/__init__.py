"""The mathematics of compression, on plain arrays."""
