"""What may be read in forums, and how it is listed."""
