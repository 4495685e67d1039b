"""区域与机构: the book of places. Other apps use its `actions` and `queries` only."""
