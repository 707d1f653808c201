"""Events on their way: to clients exactly what the protocol names, to other processes everything, to notes little."""

import dataclasses
import json
import typing
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from chatter.core import events
from chatter.core.bus import NOTIFY_BYTES, Bus, notes_by_shard, packets_by_shard, shard_of, unpacked
from chatter.core.wire import pack, payload, unpack

PLACE, PERSON, MESSAGE = uuid4(), uuid4(), uuid4()
WIRE = {"id": str(MESSAGE), "number": 3, "content": "x" * 4000, "sender": None}
SAMPLES: dict[Any, Any] = {
    UUID: PERSON,
    UUID | None: PERSON,
    tuple[UUID, ...]: (PERSON, PLACE),
    tuple[UUID, ...] | None: (PERSON, PLACE),
    tuple[str, ...]: (str(PERSON), str(PLACE)),
    int: 7,
    float: 1.5,
    bool: True,
    str: "words",
    str | None: "words",
    dict[str, int]: {"👍": 2},
    events.Wire: WIRE,
    events.Wire | None: WIRE,
    dict[str, Any] | None: {"slow_mode": 5},
    bool | None: False,
}


def sample(kind: type[events.Event]) -> events.Event:
    """An event with every field filled."""
    hints = typing.get_type_hints(kind)
    values = {
        field.name: SAMPLES.get(hints[field.name], typing.get_args(hints[field.name])[:1] and "read")
        for field in dataclasses.fields(kind)
    }
    return kind(**values)


KINDS = list(events.EVENTS.values())


async def test_what_cannot_be_read_ends_no_subscription() -> None:
    """A version of the code that gives an event other fields, garbage: the events beside it still arrive."""
    event = events.PersonSuspended(user=PERSON)
    bus = Bus(lambda _events: None, lambda: None)
    odd: list[Any] = [["message.created", {}], ["typing", {"conversation": 1}], ["typing", None], [], None, 3]
    assert bus.events_in(orjson.dumps(["other", [*odd, pack(event)], False])) == [event]
    for text in ("", "garbage", '["x", 3, false]', "3", "[1,2]", '{"a": 1}', "null"):
        assert bus.events_in(text) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_event_travels_whole(kind: type[events.Event]) -> None:
    event = sample(kind)
    assert unpack(orjson.loads(orjson.dumps(pack(event)))) == event


def test_an_event_of_a_newer_version_is_left_out() -> None:
    event = sample(events.TypingStarted)
    packets = [["message.flown", {"x": 1}], json.loads(orjson.dumps(pack(event)))]
    packets[1][1]["new_field"] = 5
    assert unpacked(packets) == [event]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_clients_get_names_of_the_protocol_only(kind: type[events.Event]) -> None:
    said = payload(sample(kind))
    assert said["event"] == kind.name
    hidden = {"access_version", "place", "client_id", "mentioned", "body", "senders", "conversations", "announced"}
    assert not hidden & said.keys()
    orjson.dumps(said)


def test_conversation_changed_leaves_out_what_did_not_change() -> None:
    event = events.ConversationChanged(conversation=PLACE, access_version=1, version=2)
    assert payload(event) == {"event": "conversation.changed", "conversation": PLACE, "version": 2}


def test_packets_keep_order_and_shard() -> None:
    places = [uuid4() for _ in range(20)]
    batch = [events.TypingStarted(conversation=place, access_version=1, user=PERSON) for place in places * 2]
    packets = packets_by_shard("me", batch)
    found = [(shard, event) for shard, packet in packets.items() for event in unpacked(orjson.loads(packet)[1])]
    assert sorted(map(str, (event for _shard, event in found))) == sorted(map(str, batch))
    assert all(shard_of(event) == shard for shard, event in found)


def test_notes_are_small_and_hold_ids_only() -> None:
    created = events.MessageCreated(
        conversation=PLACE,
        access_version=1,
        version=2,
        message=WIRE,
        body="<p>secret</p>",
        sender=PERSON,
        client_id=uuid4(),
        preview="😀" * 200,
        mentioned=tuple(uuid4() for _ in range(50)),
    )
    present = events.PresenceChanged(
        user=PERSON, status="online", announced=True, conversations=tuple(uuid4() for _ in range(500))
    )
    notes = notes_by_shard("me", [created, present], repair=True)
    assert all(len(note.encode()) < NOTIFY_BYTES for _shard, note in notes)
    assert json.loads(notes[0][1]) == ["me", [], True]
    ((shard, note),) = [found for found in notes if "message.created" in found[1]]
    assert shard == shard_of(created)
    assert "secret" not in note
    assert "xxxx" not in note
    (event,) = unpacked(json.loads(note)[1])
    assert isinstance(event, events.MessageCreated)
    assert event.message == {"id": str(MESSAGE), "number": 3}
    assert event.client_id == created.client_id
    told = [event for _shard, note in notes[2:] for event in unpacked(json.loads(note)[1])]
    assert [place for event in told for place in event.conversations] == list(present.conversations)  # type: ignore[attr-defined]


def test_what_concerns_everybody_travels_as_that() -> None:
    event = events.PlaceAccessChanged(place=PLACE)
    assert unpack(orjson.loads(orjson.dumps(pack(event)))) == event


def test_news_of_a_place_takes_the_road_of_who_may_see_it() -> None:
    """In order: nobody hears of a post after the news that they may not any more."""
    topics = [uuid4() for _ in range(20)]
    told = [events.PostChanged(topic=topic, place=PLACE) for topic in topics]
    assert {shard_of(event) for event in [*told, events.PlaceAccessChanged(place=PLACE, people=(PERSON,))]} == {
        shard_of(told[0])
    }


def test_notes_of_places_and_scores_are_small() -> None:
    scores = {str(uuid4()): number for number in range(500)}
    people = tuple(uuid4() for _ in range(500))
    told = [
        events.ScoresChanged(topic=PERSON, place=PLACE, scores=scores),
        events.PlaceAccessChanged(place=PLACE, people=people),
        events.PlaceAccessChanged(place=PLACE),
    ]
    notes = [note for _shard, note in notes_by_shard("me", told)]
    assert all(len(note.encode()) < NOTIFY_BYTES for note in notes)
    found = [event for note in notes for event in unpacked(json.loads(note)[1])]
    merged: dict[str, int] = {}
    for event in found:
        if isinstance(event, events.ScoresChanged):
            merged |= event.scores
    assert merged == scores
    asked = [event.people for event in found if isinstance(event, events.PlaceAccessChanged)]
    assert asked.pop() is None
    assert tuple(person for some in asked for person in some or ()) == people
