"""数据导入: the book of imports. Other apps use its `actions` and `queries` only."""
