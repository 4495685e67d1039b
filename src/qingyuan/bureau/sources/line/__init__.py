"""Devices on the line: the register as gateway and ingest need it, what is asked of devices and what they sent."""
