"""Figures of outlets worked out from their hours: emitted mass, rates, recomputed beside sent."""
