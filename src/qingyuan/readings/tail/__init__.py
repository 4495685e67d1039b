"""The unflushed tail of the store, in SQL."""

from qingyuan.readings.tail.database import Database
from qingyuan.readings.tail.postgresql import PostgresqlDatabase
from qingyuan.readings.tail.sqlite import SqliteDatabase
from qingyuan.readings.tail.tail import Tail

__all__ = ["Database", "PostgresqlDatabase", "SqliteDatabase", "Tail"]
