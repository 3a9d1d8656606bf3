"""VidGen: turn a topic into a finished short video on your own machine."""

__version__ = "0.1.0"
