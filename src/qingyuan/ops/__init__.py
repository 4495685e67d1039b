"""Running an installation: set up, supervise, check, back up, restore, bundle."""
