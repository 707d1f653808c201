"""The administration of forums; one module for each concept."""
