"""评判: every verdict is made here, once, and kept: hours, days, sections, findings."""
