"""Pages of talk. Views read the request, call `reading` or one action, and answer; rules live elsewhere."""
