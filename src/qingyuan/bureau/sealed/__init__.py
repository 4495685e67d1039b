"""Sealed fields: personal data under a key of its own for each subject, kept apart from database and backup."""
