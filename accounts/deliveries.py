"""The ways out of the site: e-mails and pushes of notifications that are due."""


def deliver_due() -> bool:
    """Send what is due; returns whether there was something."""
    return False
