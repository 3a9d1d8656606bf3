"""Things fetched and kept. Empty until the app downloads anything."""
