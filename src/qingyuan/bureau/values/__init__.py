"""数值、限值与标记: hours of outlets and sections, emitted mass, the limits and tags in force on a date."""
