"""Programs that the app owns and speaks to."""
