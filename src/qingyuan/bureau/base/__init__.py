"""What every book stands on: errors, words, the calendar of working days, numbers, the store of readings."""
