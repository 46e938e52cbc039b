"""Following channels through the graph: which go together, and where they must stay."""
