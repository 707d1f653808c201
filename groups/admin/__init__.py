"""The tables of groups in the administration; one module for each concept. Rows change through actions only."""

from groups.admin import community, days, door, roles  # noqa: F401 -- registers them
