"""台账: firms, outlets, stations, sections, waters."""
