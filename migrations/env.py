"""How alembic runs here: on the connection that storage/migrate.py hands in, or as text without any."""

from alembic import context
from sqlalchemy import URL, Connection

from storage.tables import metadata

target = context.config.attributes["target"]
if isinstance(target, Connection):
    context.configure(connection=target, target_metadata=metadata, transactional_ddl=True)
elif isinstance(target, URL):
    context.configure(url=target, target_metadata=metadata, transactional_ddl=True, literal_binds=True)
else:
    raise TypeError("Migrations are started through storage.migrate.")

with context.begin_transaction():
    context.run_migrations()
