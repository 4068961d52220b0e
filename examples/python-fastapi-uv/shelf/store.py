import sqlite3
from pathlib import Path

from .settings import settings

Path(settings.data).mkdir(parents=True, exist_ok=True)


def connect() -> sqlite3.Connection:
    """The list's database, with its table."""
    connection = sqlite3.connect(settings.data / "shelf.db")
    connection.execute("create table if not exists books (title text not null, read integer not null default 0)")
    return connection
