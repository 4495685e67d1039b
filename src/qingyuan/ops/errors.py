"""Errors that end a command with one clear line."""

from __future__ import annotations


class OpsError(Exception):
    """The command cannot go on; exit code 1."""

    exit_code = 1


class WrongUse(OpsError):
    """The command was called wrongly; exit code 2."""

    exit_code = 2
