"""Answers against a form: strict reading, three levels, problems in Chinese."""
