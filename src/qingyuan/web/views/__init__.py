"""Pages that draw on several books: today, map, search, evaluation, settings."""
