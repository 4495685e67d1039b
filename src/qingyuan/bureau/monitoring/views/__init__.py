"""Pages of the monitoring points, and of what is issued, targeted and counted."""
