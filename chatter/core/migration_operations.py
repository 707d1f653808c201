"""Migration operations that Django lacks: partitioned tables, and what the application's database role may do."""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class CreatePartitionedModel(migrations.CreateModel):
    """`CreateModel` whose table is partitioned by RANGE of its primary key, without a default partition."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        sql, params = schema_editor.table_sql(model)
        key = model._meta.pk.column  # noqa: SLF001 -- Django's public name for it
        schema_editor.execute(f'{sql} PARTITION BY RANGE ("{key}")', params or None)


def grant_to_app(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the application's role read and write rows of what exists and of what will; no DDL, no TRUNCATE."""
    role = settings.DATABASE_APP_ROLE
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("select current_user, current_schema()")
        owner, schema = cursor.fetchone()
        if not role or role == owner:
            return
        role, schema = connection.ops.quote_name(role), connection.ops.quote_name(schema)
        cursor.execute(f"grant usage on schema {schema} to {role}")
        for kind, rights in (("tables", "select, insert, update, delete"), ("sequences", "usage, select")):
            cursor.execute(f"grant {rights} on all {kind} in schema {schema} to {role}")
            cursor.execute(f"alter default privileges in schema {schema} grant {rights} on {kind} to {role}")


def restrict_app(table: str, rights: str) -> migrations.RunPython:
    """The operation that takes `rights` (such as "update, delete") on `table` from the application's role."""

    def forwards(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        _change_rights(schema_editor, f"revoke {rights} on {{name}} from {{role}}", table)

    def backwards(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        _change_rights(schema_editor, f"grant {rights} on {{name}} to {{role}}", table)

    return migrations.RunPython(forwards, backwards)


def keep_from_others(function: str) -> migrations.RunPython:
    """The operation that lets nobody call `function` but its owner and the application's role: PostgreSQL lets all."""

    def forwards(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        schema_editor.execute(f"revoke execute on function {function} from public")
        _change_rights(schema_editor, "grant execute on function {name} to {role}", function)

    return migrations.RunPython(forwards, migrations.RunPython.noop)


def _change_rights(schema_editor: BaseDatabaseSchemaEditor, sql: str, name: str) -> None:
    role, quote = settings.DATABASE_APP_ROLE, schema_editor.connection.ops.quote_name
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("select current_user")
        if role and cursor.fetchone()[0] != role:
            cursor.execute(sql.format(name=quote(name), role=quote(role)))
