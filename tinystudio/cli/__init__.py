"""The command line: the same engine and the same files as the window."""
