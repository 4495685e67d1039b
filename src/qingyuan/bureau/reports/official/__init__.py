"""The look of official papers: page, table."""
