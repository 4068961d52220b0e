import os

import psycopg2
from flask import Flask, redirect, render_template, request, url_for


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["DATABASE_URL"] = os.environ.get("DATABASE_URL", "postgresql://localhost/guestbook")

    def query(sql: str, *values: str) -> list[tuple]:
        with psycopg2.connect(app.config["DATABASE_URL"]) as connection, connection.cursor() as cursor:
            cursor.execute("create table if not exists entries (name text not null, said text not null)")
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    @app.get("/")
    def index():
        return render_template("index.html", entries=query("select name, said from entries"))

    @app.post("/")
    def sign():
        query("insert into entries values (%s, %s)", request.form["name"], request.form["said"])
        return redirect(url_for("index"))

    @app.get("/healthz")
    def health():
        return {"libpq": psycopg2.extensions.libpq_version()}

    return app


app = create_app()

if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 5000)), debug=True)
