"""Books from files and to files."""
