"""Side-by-side measurements; each module with a ``measure() -> dict`` is run by ``python -m bench.run``."""
