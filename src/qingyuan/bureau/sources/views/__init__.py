"""Pages of enterprises and their outlets, devices, limits, tags and emissions."""
