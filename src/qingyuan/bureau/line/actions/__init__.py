"""Acts: one verb each, called alike by pages, API, commands and the system itself."""
