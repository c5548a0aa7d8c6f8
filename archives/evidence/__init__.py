"""Evidence on the log of what the rows of the database held: which rows, how digested, where told."""
