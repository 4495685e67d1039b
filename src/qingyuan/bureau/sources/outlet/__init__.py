"""What one outlet shows: its hours aligned, and what lies behind an hour."""
