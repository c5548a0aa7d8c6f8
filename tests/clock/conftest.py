"""One station founded for all tests of this folder that take ``home``; each gets a copy of its own."""

from __future__ import annotations

from tests.station.conftest import home, model

__all__ = ["home", "model"]
