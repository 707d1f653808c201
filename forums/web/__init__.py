"""What forums tell machines: feeds, site maps, and what a page says of itself in its head."""
