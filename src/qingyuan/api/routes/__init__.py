"""Routes, one module a register."""
