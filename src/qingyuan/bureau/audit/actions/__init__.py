"""Writing the audit trail and sealing it."""

from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.audit.actions.seal import seal, verify_chain

__all__ = ["record", "seal", "verify_chain"]
