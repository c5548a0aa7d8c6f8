"""Forms as data: definitions, their dialect, conditions and functions."""
