"""Telling a database that is away, or too busy, from a statement that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from asyncpg import InterfaceError as DriverError
from asyncpg import PostgresError
from asyncpg.exceptions import InternalClientError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.core.errors import Unavailable

# SQLSTATE classes and codes that mean "the server is away, going away or too busy", not "the statement is wrong":
# a lost connection, a transaction that gave way to another or was ended for its silence, a lock or a statement that
# took too long, resources that ran out, trouble with the system below.
_AWAY_STATES = ("08", "25P03", "40", "53", "55P03", "57", "58")


@contextmanager
def telling_when_away() -> Iterator[None]:
    """Within the block a database that is away is `Unavailable`; other errors are what they are."""
    try:
        yield
    except (PoolTimeout, OSError, TimeoutError, InternalClientError) as error:
        raise _away() from error
    except (DBAPIError, PostgresError, DriverError) as error:
        if is_away(error):
            raise _away() from error
        raise


def is_away(error: DBAPIError | PostgresError | DriverError) -> bool:
    """Whether trying again later may help: the connection broke or the server refuses, rather than the statement."""
    if isinstance(error, DriverError):
        return not isinstance(error, ValueError)  # the driver's word for an argument of the wrong type
    if isinstance(error, PostgresError):
        return str(error.sqlstate or "").startswith(_AWAY_STATES)
    if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
        return True
    state = str(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None) or "")
    return state.startswith(_AWAY_STATES)


def _away() -> Unavailable:
    return Unavailable(
        "The database does not answer at the moment. Try again in a few seconds.", code="database_unavailable"
    )
