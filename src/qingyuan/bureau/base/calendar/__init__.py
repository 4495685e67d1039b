"""Working days: announced plans, and what is expected of years without one."""
