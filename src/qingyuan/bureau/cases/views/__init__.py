"""Pages of leads and cases."""
