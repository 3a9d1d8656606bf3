"""Settings: each function here composes one kind of picture out of the brushes."""
