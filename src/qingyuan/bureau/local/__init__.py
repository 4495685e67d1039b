"""A county's own columns and books: made on the screen, no code, no restart."""
