"""Training on the graph: what it aims at, how it goes, normalization for its time."""
