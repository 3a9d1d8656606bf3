"""HTTP and endpoints. Empty until the app speaks to services."""
