"""The bureau's books, one Django app each. Other code calls an app's `actions` and `queries`."""
