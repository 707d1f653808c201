"""Request ids on answers and log lines; logs that are JSON where asked."""

import io
import json
import logging
import logging.config

import pytest
from django.conf import LazySettings
from django.test import AsyncClient, Client

from chatter.observe import logging_settings, request_id


def test_every_answer_has_an_id_of_its_own(client: Client) -> None:
    first, second = (client.get("/livez").headers["X-Request-ID"] for _ in range(2))
    assert first != second
    assert len(first) == 32


async def test_asynchronous_answers_too(async_client: AsyncClient) -> None:
    assert len((await async_client.get("/livez")).headers["X-Request-ID"]) == 32


def test_a_strangers_id_is_not_believed(client: Client) -> None:
    assert (
        client.get("/livez", headers={"X-Request-ID": "given-by-a-client"}).headers["X-Request-ID"]
        != "given-by-a-client"
    )


def test_a_trusted_proxys_id_is_kept_where_it_is_one(client: Client, settings: LazySettings) -> None:
    settings.CHATTER_TRUSTED_PROXIES = 1
    assert client.get("/livez", headers={"X-Request-ID": "from-the-proxy"}).headers["X-Request-ID"] == "from-the-proxy"
    forged = client.get("/livez", headers={"X-Request-ID": 'x" level="ERROR'}).headers["X-Request-ID"]
    assert len(forged) == 32


@pytest.fixture
def lines() -> io.StringIO:
    return io.StringIO()


def test_structured_logs_are_one_json_object_a_line(lines: io.StringIO) -> None:
    configuration = logging_settings(structured=True, level="INFO")
    configuration["handlers"]["console"]["stream"] = lines
    configuration["loggers"] = {"chatter.example": {"handlers": ["console"], "level": "INFO", "propagate": False}}
    del configuration["root"]
    logging.config.dictConfig(configuration)
    token = request_id.set("abc")
    error = ValueError("two\nlines")
    logging.getLogger("chatter.example").error("it broke", exc_info=error, extra={"job": "partitions"})
    request_id.reset(token)
    (line,) = lines.getvalue().splitlines()
    record = json.loads(line)
    assert record["message"] == "it broke"
    assert (record["level"], record["logger"], record["request_id"]) == ("ERROR", "chatter.example", "abc")
    assert record["job"] == "partitions"
    assert "ValueError: two\nlines" in record["exc_info"]
