"""Processes, paths, locks, files, logs and shipped resources: the operating system, once."""
