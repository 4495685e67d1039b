"""Tags that enterprises put on hours: which kinds there are, which count, what waits for a check."""
