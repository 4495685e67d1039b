"""Sealing text, noting by what it is found, destroying a subject's key."""

from qingyuan.bureau.sealed.actions.sealing import destroy, new_subject, note, seal

__all__ = ["destroy", "new_subject", "note", "seal"]
