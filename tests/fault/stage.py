"""A place with people in it, and what its database holds afterwards.

Also a program: `python -m tests.fault.stage PEOPLE` makes one in the database its environment names.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import psycopg

from tests.fault.people import Talker


@dataclass(frozen=True)
class Stage:
    """A group conversation; one cookie for each of its members, the first one owning it."""

    place: str
    people: list[str]
    cookies: list[str]


def make_stage(count: int) -> Stage:
    """Make it through the product's own actions (Django is set up)."""
    from bench.people import cookies_of, make_people, room_of

    people = make_people(count)
    place = room_of(people)
    return Stage(str(place.pk), [str(person.pk) for person in people], cookies_of(people))


def check(database: str, stage: Stage, talkers: Iterable[Talker]) -> None:
    """Nothing lost, nothing doubled: what was acknowledged is what is stored, gapless in numbers and versions."""
    talkers = list(talkers)
    acknowledged = {ack["id"]: ack["number"] for talker in talkers for ack in talker.acknowledged.values()}
    wanted = sorted(text for talker in talkers for text in talker.texts.values())
    assert sum(len(talker.acknowledged) for talker in talkers) == len(wanted), "not everything was acknowledged"
    assert len(acknowledged) == len(wanted), "two sends were acknowledged with one message"
    with psycopg.connect(database) as connection:
        said = connection.execute(
            "select id::text, number, content from chat_message where conversation_id = %s and kind = 'text'",
            [stage.place],
        ).fetchall()
        message_count, version = connection.execute(
            "select message_count, version from chat_conversation where id = %s", [stage.place]
        ).fetchone() or (0, 0)
        numbers = [
            row[0]
            for row in connection.execute(
                "select number from chat_message where conversation_id = %s order by number", [stage.place]
            )
        ]
        versions = [
            row[0]
            for row in connection.execute(
                "select version from chat_change where conversation_id = %s order by version", [stage.place]
            )
        ]
    assert sorted(content for _id, _number, content in said) == wanted, "stored is not what was said"
    assert {key: number for key, number, _content in said} == acknowledged, "stored elsewhere than acknowledged"
    assert numbers == list(range(1, message_count + 1)), "numbers have holes or doubles"
    assert versions == list(range(1, version + 1)), "versions have holes or doubles"


def main() -> None:
    import django

    django.setup()
    json.dump(asdict(make_stage(int(sys.argv[1]))), sys.stdout)


if __name__ == "__main__":
    main()
