"""用户与角色: the book of accounts. Other apps use its `actions` and `queries` only."""
