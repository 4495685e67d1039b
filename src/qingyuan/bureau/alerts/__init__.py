"""预警: the book of alerts. Other apps use its `actions` and `queries` only."""
