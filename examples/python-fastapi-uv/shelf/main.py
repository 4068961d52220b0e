from fastapi import FastAPI
from pydantic import BaseModel, Field

from .settings import settings
from .store import connect

app = FastAPI(title=settings.title)


class Book(BaseModel):
    title: str = Field(min_length=1, max_length=200)
    read: bool = False


@app.get("/books")
def books() -> list[Book]:
    with connect() as connection:
        rows = connection.execute("select title, read from books order by title").fetchall()
    return [Book(title=title, read=bool(read)) for title, read in rows]


@app.post("/books", status_code=201)
def add(book: Book) -> Book:
    with connect() as connection:
        connection.execute("insert into books values (?, ?)", (book.title, book.read))
    return book
