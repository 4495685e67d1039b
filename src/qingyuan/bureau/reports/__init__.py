"""报告: the book of reports. Other apps use its `actions` and `queries` only."""
