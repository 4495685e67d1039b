"""Pages of people: the door, passwords, users, tokens."""
