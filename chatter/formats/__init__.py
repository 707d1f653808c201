"""How times are written where nothing else is asked for: the administration's lists."""

DATETIME_FORMAT = "Y-m-d H:i"
