"""Serves a folder of Markdown pages as HTML: `python main.py`."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import markdown
from jinja2 import Environment, FileSystemLoader

HERE = Path(__file__).parent
PORT = int(os.environ.get("PORT", "8000"))
TEMPLATES = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)


def page(name: str) -> str | None:
    """The HTML of a page, or nothing where there is no such page."""
    source = HERE / "pages" / f"{name or 'index'}.md"
    if source.parent != HERE / "pages" or not source.is_file():
        return None
    body = markdown.markdown(source.read_text(encoding="utf-8"), extensions=["tables"])
    others = sorted(path.stem for path in source.parent.glob("*.md"))
    return TEMPLATES.get_template("page.html").render(title=name or "index", body=body, pages=others)


class Handler(BaseHTTPRequestHandler):
    """Answers GET with a page."""

    def do_GET(self) -> None:
        text = page(self.path.strip("/"))
        payload = (text or "no such page").encode()
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8" if text else "text/plain")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


if __name__ == "__main__":
    print(f"serving on port {PORT}")
    ThreadingHTTPServer(("", PORT), Handler).serve_forever()
