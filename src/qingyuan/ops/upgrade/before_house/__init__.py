"""The books as they were before the house was put in order: their migrations alone, kept as they were applied."""
