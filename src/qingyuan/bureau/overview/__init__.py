"""What several books say together: the first page, the lists of points. Read by pages, API and papers alike."""
