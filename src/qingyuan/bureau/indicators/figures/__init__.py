"""One file an indicator; each declares `INDICATOR`. See docs/adding-an-indicator.md."""
