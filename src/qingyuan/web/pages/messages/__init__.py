"""The inbox and its bell."""
