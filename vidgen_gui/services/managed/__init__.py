"""Programs that this app starts, watches, restarts and ends, or finds running and takes over."""
