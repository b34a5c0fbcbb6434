"""tree -> ir: every name means one thing, every amount has a unit, and every mistake is reported."""
