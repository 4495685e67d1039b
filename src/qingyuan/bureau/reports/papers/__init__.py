"""One folder a report; each declares `REPORT`. See docs/adding-a-report.md."""
