"""审计: who did what, when; sealed in a chain."""
