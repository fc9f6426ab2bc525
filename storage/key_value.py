"""Small facts of the installation itself."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from storage.tables import key_value

_ALL = select(key_value)
_NEW = insert(key_value)
_SET = _NEW.on_conflict_do_update(index_elements=["name"], set_={"value": _NEW.excluded.value})


class SqlKeyValue:
    """Implements usecases.ports.KeyValue. There are a few rows and a turn needs two: the first look reads all."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[str, str] | None = None

    def get(self, name: str) -> str | None:
        """Read one."""
        if self._read is None:
            self._read = {row.name: row.value for row in self._connection.execute(_ALL)}
        return self._read.get(name)

    def set(self, name: str, value: str) -> None:
        """Write one."""
        self._read = None  # whoever writes may have waited for another writer
        self._connection.execute(_SET, {"name": name, "value": value})
