"""What forms of groups take."""
