"""Pages of line."""
