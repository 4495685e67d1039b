"""数据导出: readings as files, made in the background. Other apps use its `actions` and `queries` only."""
