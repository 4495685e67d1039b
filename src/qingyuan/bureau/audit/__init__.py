"""审计: the book of audit. Other apps use its `actions` and `queries` only."""
