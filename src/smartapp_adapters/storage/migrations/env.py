"""Run by Alembic: work on the connection `migrate_engine` opened, inside its transaction."""

from alembic import context

from smartapp_adapters.storage.roles import become_migrator
from smartapp_adapters.storage.tables import metadata

VERSIONS = "alembic_version"

become_migrator(context.config.attributes["connection"], (VERSIONS, *metadata.tables))
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    version_table=VERSIONS,
)
with context.begin_transaction():
    context.run_migrations()
