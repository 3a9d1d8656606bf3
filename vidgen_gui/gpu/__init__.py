"""Measuring and planning graphics memory. Empty until the app uses a graphics card."""
