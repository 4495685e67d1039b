"""Judging what changed: hours, days, sections, outlets."""
