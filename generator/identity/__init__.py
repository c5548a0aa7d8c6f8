"""Page identity: which sheet of paper this is, and where its fields stand on it."""
