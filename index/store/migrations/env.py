"""Run by Alembic: migrates over the connection that `index.store.schema` holds, in its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
