"""数据质量: flags on readings, by rules and by people; the readings themselves stay as they came."""
