"""污染源: the book of sources. Other apps use its `actions` and `queries` only."""
