"""监测点位: the book of monitoring. Other apps use its `actions` and `queries` only."""
