"""The typed JSON API at /api/v1/, documented at /api/v1/docs."""
