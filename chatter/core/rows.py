"""Model instances from the rows of written SQL, for the few questions that every request asks.

The ORM builds and compiles such a query anew each time, which costs more than asking it.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS, models


@lru_cache
def _shape(model: type[models.Model]) -> tuple[list[str], list[str], list[int]]:
    """Attributes and columns of the model, and the places of its JSON."""
    fields = model._meta.concrete_fields  # noqa: SLF001 -- public by documentation
    jsons = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]
    return [field.attname for field in fields], [str(field.column) for field in fields], jsons


def columns(model: type[models.Model], alias: str) -> str:
    """All columns of the model, for a select list."""
    return ", ".join(f"{alias}.{column}" for column in _shape(model)[1])


def width(model: type[models.Model]) -> int:
    return len(_shape(model)[1])


def instance[M: models.Model](model: type[M], values: Sequence[Any]) -> M:
    """The row whose `columns` these are, as the ORM would load it."""
    attributes, _columns, jsons = _shape(model)
    loaded = list(values)
    for place in jsons:
        if isinstance(loaded[place], str | bytes):
            loaded[place] = orjson.loads(loaded[place])
    return model.from_db(DEFAULT_DB_ALIAS, attributes, loaded)
