"""The icon of a group: its files in the storage, the key of them on the group's row."""

from chatter.core.pictures import Shelf
from groups.models.group import ICON_SIZES

ICONS = Shelf("icons", ICON_SIZES)
