from fastapi.testclient import TestClient

from shelf.main import app


def test_a_book_is_kept() -> None:
    client = TestClient(app)
    client.post("/books", json={"title": "Middlemarch"})
    assert {"title": "Middlemarch", "read": False} in client.get("/books").json()
