"""Values and rules. No I/O, no Qt: standard library, pydantic and regex only."""
