"""The tables of people; one file for each concept."""

from accounts.models.audit import AuditDetail, AuditEntry, AuditHead
from accounts.models.name import FormerName
from accounts.models.notification import Delivery, Notification, Occasion, PushSubscription
from accounts.models.preference import QuietException, Setting
from accounts.models.relationship import Block, Friendship
from accounts.models.report import Report
from accounts.models.session import ApiToken, Device, Wallet, WalletNonce
from accounts.models.upkeep import Export, ScheduledJob, Worker
from accounts.models.user import User

__all__ = [
    "ApiToken",
    "AuditDetail",
    "AuditEntry",
    "AuditHead",
    "Block",
    "Delivery",
    "Device",
    "Export",
    "FormerName",
    "Friendship",
    "Notification",
    "Occasion",
    "PushSubscription",
    "QuietException",
    "Report",
    "ScheduledJob",
    "Setting",
    "User",
    "Wallet",
    "WalletNonce",
    "Worker",
]
