"""The people who work here: natural persons, what they may, and the accounts they act by."""
