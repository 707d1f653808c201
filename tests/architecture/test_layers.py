"""Who may import whom: the contracts of pyproject.toml hold."""

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.session import PROJECT


def test_the_import_contracts_hold() -> None:
    assert lint_imports(config_filename=str(PROJECT / "pyproject.toml"), is_debug_mode=False) == EXIT_STATUS_SUCCESS
