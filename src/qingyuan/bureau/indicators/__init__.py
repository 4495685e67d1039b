"""指标: figures of the county, one definition each."""
