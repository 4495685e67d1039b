"""The pages of every register."""
