"""Run by Alembic: work on the connection `migrate_engine` opened, inside its transaction."""

from alembic import context

from smartapp_adapters.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
