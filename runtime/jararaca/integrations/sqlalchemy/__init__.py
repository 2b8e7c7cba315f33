"""A database by SQLAlchemy: sessions for units of work, the outbox and the inbox."""

from jararaca_shared.distribution import install

from jararaca.errors import ConfigurationError

try:
    import sqlalchemy.ext.asyncio  # noqa: F401
except ImportError as error:
    raise ConfigurationError(f"a Database needs the extra: {install('sqlalchemy')}") from error

from jararaca.integrations.sqlalchemy.database import Database
from jararaca.integrations.sqlalchemy.tables import metadata

__all__ = ["Database", "metadata"]
