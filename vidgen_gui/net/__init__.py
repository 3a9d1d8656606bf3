"""HTTP, addresses and endpoints: how servers are reached. What they are asked is not known here."""
