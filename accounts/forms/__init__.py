"""The shape of what people type; one file for each part of an account."""
