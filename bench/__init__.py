"""Measures the running product beside the machine's own limits (`make bench`). Nothing here runs in production."""
