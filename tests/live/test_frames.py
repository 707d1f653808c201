"""The frame parser: every command, every malformed field, and nothing but a command or InvalidFrame for any input."""

import json
import uuid
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatter import frames
from chatter.frames import InvalidFrame, parse

ROOM, MESSAGE, KEY = (str(uuid.UUID(int=n, version=4)) for n in (1, 2, 3))
COMPLETE: dict[str, dict[str, Any]] = {
    "ping": {},
    "conversation.open": {"conversation": ROOM, "version": 7},
    "conversation.close": {"conversation": ROOM},
    "conversation.direct": {"user": "bob"},
    "history": {"conversation": ROOM, "before": 9},
    "message.send": {"conversation": ROOM, "client_id": KEY, "content": "Hello"},
    "message.edit": {"message": MESSAGE, "content": "Hello"},
    "message.delete": {"message": MESSAGE},
    "message.pin": {"message": MESSAGE},
    "message.unpin": {"message": MESSAGE},
    "reaction.add": {"message": MESSAGE, "emoji": "👍"},
    "reaction.remove": {"message": MESSAGE, "emoji": "👍"},
    "read": {"conversation": ROOM, "number": 3},
    "unread": {"conversation": ROOM, "number": 3},
    "delivered": {"conversation": ROOM, "number": 3},
    "typing": {"conversation": ROOM},
    "presence.set": {"status": "dnd"},
    "post.watch": {"post": MESSAGE},
    "post.unwatch": {"post": MESSAGE},
}
FIELDS = [(cmd, name) for cmd, fields in COMPLETE.items() for name in fields]
OTHER_TYPES = [True, 1.5, [], {}, [ROOM], 10**40]


def frame(cmd: str, **fields: Any) -> str:
    return json.dumps({"cmd": cmd, "ref": 5, **fields})


def refusal(text: str | None) -> InvalidFrame:
    with pytest.raises(InvalidFrame) as caught:
        parse(text)
    assert caught.value.message
    return caught.value


def test_every_command_of_the_protocol_is_known() -> None:
    assert set(COMPLETE) == set(frames.COMMANDS)


@pytest.mark.parametrize("cmd", COMPLETE)
def test_complete_command(cmd: str) -> None:
    command = parse(frame(cmd, **COMPLETE[cmd]))
    assert command.ref == 5
    for name, value in COMPLETE[cmd].items():
        found = getattr(command, name)
        assert (str(found) if isinstance(found, uuid.UUID) else found) == value


@pytest.mark.parametrize(("cmd", "name"), FIELDS)
def test_missing_field(cmd: str, name: str) -> None:
    fields = {key: value for key, value in COMPLETE[cmd].items() if key != name}
    assert refusal(frame(cmd, **fields)).ref == 5


@pytest.mark.parametrize("value", OTHER_TYPES, ids=str)
@pytest.mark.parametrize(("cmd", "name"), FIELDS)
def test_wrong_typed_field(cmd: str, name: str, value: Any) -> None:
    assert refusal(frame(cmd, **{**COMPLETE[cmd], name: value})).ref == 5


@pytest.mark.parametrize(
    ("cmd", "name"), [pair for pair in FIELDS if pair[1] in {"conversation", "message", "client_id"}]
)
@pytest.mark.parametrize("value", ["", "bob", ROOM[:-1], ROOM + "0", "{" + ROOM[1:-1] + "}", "٣" * 36, "_" + ROOM[1:]])
def test_ids_are_canonical_uuids(cmd: str, name: str, value: str) -> None:
    refusal(frame(cmd, **{**COMPLETE[cmd], name: value}))


@pytest.mark.parametrize(
    ("cmd", "fields"),
    [
        ("message.send", {"reply_to": "no id"}),
        ("message.send", {"reply_to": 3}),
        ("message.send", {"attachments": "all"}),
        ("message.send", {"attachments": [3]}),
        ("history", {"after": 3}),
        ("history", {"limit": "many"}),
        ("history", {"limit": 2.5}),
        ("conversation.open", {"version": "7"}),
        ("presence.set", {"status": "away"}),
        ("presence.set", {"text": 5}),
        ("presence.set", {"automatic": 1}),
        ("presence.set", {"text": "x" * 1001}),
        ("presence.set", {"text": "\ud800"}),
        ("reaction.add", {"emoji": "\udfff"}),
        ("reaction.add", {"emoji": "x" * 65}),
        ("conversation.direct", {"user": "b" * 65}),
        ("conversation.direct", {"user": "b\0b"}),
    ],
)
def test_malformed_optional_or_bounded_field(cmd: str, fields: dict[str, Any]) -> None:
    assert refusal(frame(cmd, **{**COMPLETE[cmd], **fields})).ref == 5


def test_optional_fields_default() -> None:
    command = parse(frame("message.send", **COMPLETE["message.send"], reply_to=None, attachments=None))
    assert isinstance(command, frames.SendMessage)
    assert (command.reply_to, command.attachments) == (None, ())
    opened = parse(frame("conversation.open", conversation=ROOM, version=None))
    assert isinstance(opened, frames.OpenConversation)
    assert opened.version is None
    status = parse(frame("presence.set", status="idle"))
    assert isinstance(status, frames.SetPresence)
    assert (status.text, status.automatic) == (None, False)


@pytest.mark.parametrize(
    ("limit", "found"), [(None, 50), (0, 1), (-3, 1), (1, 1), (100, 100), (101, 100), (2**63, 100)]
)
def test_history_limit_is_clamped(limit: int | None, found: int) -> None:
    command = parse(frame("history", conversation=ROOM, after=0, limit=limit))
    assert isinstance(command, frames.History)
    assert command.limit == found


@pytest.mark.parametrize(("number", "found"), [(-(2**60), -1), (2**64 - 1, 2**53), (8, 8)])
def test_numbers_are_clamped(number: int, found: int) -> None:
    command = parse(frame("read", conversation=ROOM, number=number))
    assert isinstance(command, frames.MarkRead)
    assert command.number == found


def test_negative_version_is_none() -> None:
    command = parse(frame("conversation.open", conversation=ROOM, version=-4))
    assert isinstance(command, frames.OpenConversation)
    assert command.version is None


@pytest.mark.parametrize("ref", [0, -1, 2**63, 2**64, 10**30, "", "a", "é" * 300, "\ud800", None])
def test_ref_is_repeated(ref: Any) -> None:
    command = parse(json.dumps({"cmd": "ping", "ref": ref}))
    assert json.loads(orjson.dumps({"ref": command.ref})) == {"ref": ref}


@pytest.mark.parametrize("ref", [True, 1.5, [], {}])
def test_other_refs_are_malformed(ref: Any) -> None:
    assert refusal(json.dumps({"cmd": "ping", "ref": ref})).ref is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "null", '"ping"', "NaN", '{"cmd":"ping","ref":NaN}', "\ud800", "{}"]
)
def test_not_a_command(text: str) -> None:
    assert refusal(text).ref is None


def test_binary() -> None:
    assert refusal(None).ref is None


@pytest.mark.parametrize("cmd", ["", "pong", "__class__", "message.send ", None, 3, ["ping"], {"ping": 1}])
def test_unknown_command(cmd: Any) -> None:
    assert refusal(json.dumps({"cmd": cmd, "ref": 9})).ref == 9


def padded(size: int, letter: str = "x") -> str:
    """A ping of exactly `size` bytes."""
    bare = len(json.dumps({"cmd": "ping", "ref": 1, "pad": ""}))
    letters = (size - bare) // len(letter.encode())
    text = json.dumps({"cmd": "ping", "ref": 1, "pad": letter * letters}, ensure_ascii=False)
    return text + " " * (size - len(text.encode()))


@pytest.mark.parametrize("letter", ["x", "é", "😀"])
def test_size_limit_counts_bytes(letter: str) -> None:
    assert parse(padded(64 * 1024, letter)).ref == 1
    assert refusal(padded(64 * 1024 + 1, letter)).ref == 1


def test_far_too_large_is_not_read() -> None:
    assert refusal(padded(2 * 1024 * 1024)).ref is None


def nested(depth: int) -> str:
    return json.dumps({"cmd": "ping", "ref": 1, "x": json.loads("[" * (depth - 1) + "]" * (depth - 1))})


def test_depth_limit() -> None:
    assert parse(nested(8)).ref == 1
    assert refusal(nested(9)).ref == 1


@pytest.mark.parametrize("text", ["[" * 60_000, '{"a":' * 10_000, "[" * 30_000 + '"\\ud800"' + "]" * 30_000])
def test_hostile_depth(text: str) -> None:
    assert refusal(text).ref is None


def test_lone_surrogates_in_content_reach_the_action() -> None:
    command = parse(frame("message.edit", message=MESSAGE, content="\ud83d"))
    assert isinstance(command, frames.EditMessage)
    assert command.content == "\ud83d"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([ROOM, "ping", "\ud800", "bob"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
names = sorted(
    {name for fields in COMPLETE.values() for name in fields}
    | {"ref", "reply_to", "attachments", "limit", "after", "text"}
)
hostile_frames = st.builds(
    lambda cmd, ref, fields: json.dumps({"ref": ref, **COMPLETE[cmd], **fields, "cmd": cmd}),
    st.sampled_from(sorted(COMPLETE)),
    json_values,
    st.dictionaries(st.sampled_from(names), json_values, max_size=3),
)


@given(st.text() | st.builds(json.dumps, json_values) | hostile_frames | st.none())
def test_any_frame_is_a_command_or_invalid(text: str | None) -> None:
    try:
        command = parse(text)
    except InvalidFrame as error:
        orjson.dumps({"ref": error.ref, "message": error.message})
    else:
        assert isinstance(command, frames.Command)
        orjson.dumps({"ref": command.ref})
