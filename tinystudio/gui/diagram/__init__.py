"""The network as a picture: boxes, what joins them, and how they are coloured."""
