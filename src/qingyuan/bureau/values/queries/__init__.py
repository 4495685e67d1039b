"""What others may ask."""
