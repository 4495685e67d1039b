"""An installation of an earlier layout is brought up in place, nothing lost."""
