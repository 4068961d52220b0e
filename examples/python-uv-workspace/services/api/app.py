"""Tells how high the water stands."""

from flask import Flask, request

from tides import height

app = Flask(__name__)


@app.get("/height")
def tell():
    """The height some hours after a high water."""
    return {"metres": round(height(request.args.get("hours", default=0.0, type=float)), 2)}
