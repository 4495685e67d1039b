"""Working days and time limits of the bureau: announced plans, and what is expected of years without one."""
