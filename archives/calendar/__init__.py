"""Working days and legal periods: deadlines in working days, months that end on their own day.

Pure but for the holiday libraries, which are imported on first use.
"""
