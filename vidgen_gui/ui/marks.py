"""Marks sentences for translation where they stand in tables; nothing else."""


def QT_TRANSLATE_NOOP(_context: str, text: str, /) -> str:
    """The text itself. ``pyside6-lupdate`` collects by this name; Qt's own has no types."""
    return text
