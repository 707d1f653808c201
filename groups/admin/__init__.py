"""The tables of groups in the administration; one module for each concept."""
