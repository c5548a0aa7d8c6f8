"""Filling in a form by questions: the widget table, the interview, drafts; no screen of its own."""
