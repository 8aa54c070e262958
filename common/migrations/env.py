"""Alembic's environment: the connection and the service are handed in by `common.migrations.config`."""

from alembic import context

from common.db import SharedBase
from common.migrations import include

connection = context.config.attributes["connection"]
service = context.config.attributes["service"]
context.configure(
    connection=connection,
    target_metadata=[service.metadata, SharedBase.metadata],
    include_object=include,
    compare_type=False,
    transactional_ddl=True,
    user_module_prefix="db.",
)
with context.begin_transaction():
    context.run_migrations()
