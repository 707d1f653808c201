"""Every right has words."""

from groups.permissions import Right
from groups.wording import RIGHTS, name_of


def test_each_right_is_named_and_explained_once() -> None:
    said = [right for _section, rights in RIGHTS for right, _name, _words in rights]
    assert sorted(said) == sorted(Right)
    assert all(str(words).strip() for _section, rights in RIGHTS for _right, *both in rights for words in both)
    assert len({str(name_of(right)) for right in Right}) == len(list(Right))
