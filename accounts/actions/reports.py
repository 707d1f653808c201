"""Reports: made by members, decided by the people who moderate. Who made one learns how it ended."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.notifications import notify
from accounts.models import Report, User
from accounts.permissions import check_member, may_judge, visible_people
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit

DETAILS_MAX = 1000
REPORTS_PER_DAY = 20
OPEN = (Report.State.PENDING, Report.State.REVIEWING)


def report_person(*, reporter: User, person: User, reason: str, details: str = "") -> Report:
    """Bring a person before the moderators, with what their profile says now. While one is open, another changes
    nothing. Raises NotFound for whom one cannot see, Refused for oneself, too much, or an unknown reason."""
    check_member(reporter)
    if not visible_people(reporter).filter(pk=person.pk).exists():
        raise NotFound
    if person.pk == reporter.pk:
        raise Refused("invalid", _("You cannot do this with yourself."))
    if reason not in Report.Reason.values or len(details) > DETAILS_MAX or "\0" in details:
        raise Refused("invalid")
    kind = ContentType.objects.get_for_model(User)
    standing = Report.objects.filter(reporter=reporter, target_type=kind, target_id=person.pk, state__in=OPEN).first()
    if standing is not None:
        return standing
    check_limit("report", reporter.pk, limit=REPORTS_PER_DAY, seconds=24 * 60 * 60)
    words = {"reason": reason, "details": details.strip(), "snapshot": snapshot_of(person)}
    try:
        with transaction.atomic():
            return Report.objects.create(reporter=reporter, target_type=kind, target_id=person.pk, **words)
    except IntegrityError:  # the same, sent twice at once
        return Report.objects.get(reporter=reporter, target_type=kind, target_id=person.pk, state__in=OPEN)


def decide_report(*, moderator: User, report: Report, state: str) -> None:
    """Take a report up, resolve or dismiss it. Its reporter hears of the end, once. Raises Refused for a report of
    oneself or of somebody whom the moderator may not judge."""
    person = report.target if isinstance(report.target, User) else None
    if person is not None and (person.pk == moderator.pk or not may_judge(moderator, person)):
        raise Refused("forbidden", _("Somebody else has to decide about this report."))
    if state not in (Report.State.REVIEWING, Report.State.RESOLVED, Report.State.DISMISSED):
        raise Refused("invalid")
    with transaction.atomic():
        present = Report.objects.select_for_update(no_key=True).get(pk=report.pk)
        if present.state not in OPEN:
            raise Refused("invalid", _("This report has been decided already."))
        present.state, present.moderator = state, moderator
        present.decided_at = timezone.now() if state not in OPEN else None
        present.save(update_fields=["state", "moderator", "decided_at"])
        if present.decided_at and present.reporter_id:
            notify(
                recipient=present.reporter_id,
                kind="moderation",
                group_key=f"report:{present.pk}",
                source=present,
                payload={"event": "report_decided", "outcome": state},
            )


def forget_reports(*, person: User) -> None:
    """What reports kept of the person, and of what they wrote in theirs, goes; that there were reports stays."""
    about = Report.objects.filter(target_type=ContentType.objects.get_for_model(User), target_id=person.pk)
    about.update(snapshot={})
    Report.objects.filter(reporter=person).update(reporter=None, details="")


def snapshot_of(person: User) -> dict[str, Any]:
    """What others could see of the person when they were reported."""
    return {name: getattr(person, name) for name in ("username", "display_name", "bio", "status_text", "avatar")}
