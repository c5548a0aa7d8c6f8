"""Keys: the master key and who can unlock it, what is derived from it, and how bytes are encrypted."""
