"""The books of the registers: a file a subject."""
