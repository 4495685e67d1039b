"""清源 Qingyuan: the supervision system of a county or city ecology-and-environment bureau."""

__version__ = "0.1.0"
