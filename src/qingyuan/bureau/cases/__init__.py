"""线索与案件: leads, triage, work, guards, clocks; kinds are declared in `kinds/`."""
