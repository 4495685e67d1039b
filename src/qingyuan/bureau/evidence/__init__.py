"""证据: files kept under their digest, and given out."""
