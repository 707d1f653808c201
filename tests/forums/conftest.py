"""The people, and the forum that tests of forums are about. A file whose forum is another one says so itself."""

import pytest

from tests.cast import Cast, make_cast
from tests.forums.cast import Place, make_forum


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def maps(cast: Cast) -> Place:
    return make_forum(cast)
