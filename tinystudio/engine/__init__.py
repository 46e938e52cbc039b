"""Runs one job, says events, keeps caches. Knows nothing of windows."""
