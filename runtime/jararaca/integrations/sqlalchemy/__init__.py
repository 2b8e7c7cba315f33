"""A database by SQLAlchemy: sessions for units of work, the outbox and the inbox."""

from jararaca.errors import ConfigurationError

try:
    import sqlalchemy.ext.asyncio  # noqa: F401
except ImportError as error:
    raise ConfigurationError(
        "a Database needs the extra: pip install 'jararaca[sqlalchemy]'"
    ) from error

from jararaca.integrations.sqlalchemy.database import Database
from jararaca.integrations.sqlalchemy.tables import metadata

__all__ = ["Database", "metadata"]
