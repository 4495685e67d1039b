"""One file a warning rule; each declares `RULE`. See docs/adding-a-warning-rule.md."""
