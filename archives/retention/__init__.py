"""How long a paper is kept and why: the schedule, one item, the decision.  Pure: no database, no form."""
