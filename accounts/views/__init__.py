"""Pages about people: entering, being a guest, profiles."""
