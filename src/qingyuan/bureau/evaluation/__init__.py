"""评价: the book of evaluation. Other apps use its `actions` and `queries` only."""
