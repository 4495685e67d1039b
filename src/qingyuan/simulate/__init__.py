"""The demo county: a physical simulator with known truth, whose devices speak real HJ 212."""
