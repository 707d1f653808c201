"""The people, and the group that tests of groups are about. A file whose group is another one says so itself."""

import pytest

from tests.cast import Cast, make_cast
from tests.groups.cast import Community, make_community


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def atlas(cast: Cast) -> Community:
    return make_community(cast)
