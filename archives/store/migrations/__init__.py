"""The steps that bring a database to the form this program works with.

``HEAD`` is the newest step; a step that has been released is never changed.
"""

from __future__ import annotations

from typing import Final

HEAD: Final = "0010"
"""Version of the data this program reads and writes."""
KEYS_HEAD: Final = 1
"""Version of the store of item keys."""
