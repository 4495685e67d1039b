"""预警: episodes made of observations; knows no judge."""
