"""Limits of outlets: in force when, held against the standards, judged by which doubtful numbers."""
