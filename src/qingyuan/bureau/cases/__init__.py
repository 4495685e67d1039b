"""线索与案件: the book of cases. Other apps use its `actions` and `queries` only."""
