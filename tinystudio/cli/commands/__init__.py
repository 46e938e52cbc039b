"""The commands: one file each, found by the catalogue."""
