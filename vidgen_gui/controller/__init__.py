"""Between the window and the work: pools, signals and Qt models. QtCore only."""
