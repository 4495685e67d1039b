"""Writing the audit trail and sealing it."""

from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.audit.actions.seal import missing_seals, seal, verify_chain

__all__ = ["missing_seals", "record", "seal", "verify_chain"]
