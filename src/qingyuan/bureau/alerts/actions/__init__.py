"""Acts on alerts."""

from qingyuan.bureau.alerts.actions.acknowledge import acknowledge

__all__ = ["acknowledge"]
