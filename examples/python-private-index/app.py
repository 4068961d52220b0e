"""A poster for a door: any text as a QR code."""
import io
import os

import segno
from bottle import Bottle, request, response

app = Bottle()


@app.get("/")
def form():
    return "<title>Door poster</title><form action=/poster><input name=text><button>Make it</button></form>"


@app.get("/poster")
def poster():
    drawn = io.BytesIO()
    segno.make(request.query.text or "https://example.com").save(drawn, kind="svg", scale=8)
    response.content_type = "image/svg+xml"
    return drawn.getvalue()


if __name__ == "__main__":
    app.run(server="waitress", host="0.0.0.0", port=int(os.environ.get("PORT", "8080")))
