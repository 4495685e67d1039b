"""What comes in: the gateway, the journal that it writes first, the files people bring."""
