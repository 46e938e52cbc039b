"""Dialogs that lead through a job page by page."""
