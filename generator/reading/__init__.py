"""Paper → identity, ticks, ink: reading what a scanner gives of the pages we printed.

The mirror of ``generator.identity``.  Takes bytes, keys and page maps; files nothing and knows no database.
"""
