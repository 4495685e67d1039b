"""Pages of imports: files of readings, devices, limits."""
