"""The voice: which voices are there, how they are made ready, and the worker that speaks."""
