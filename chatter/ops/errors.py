"""What goes wrong around the application: told to the operator in one line, without a traceback."""


class OpsError(Exception):
    """Something the operator can mend; the text is the whole message."""


class InUse(OpsError):
    """Another process runs the servers of this data folder."""
