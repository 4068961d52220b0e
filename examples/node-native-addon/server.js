"use strict";

const http = require("node:http");

const { page } = require("./lib/page");
const { demos, preview } = require("./lib/preview");

const port = process.env.PORT || 4000;
const WIDTHS = { narrow: 40, usual: 80, wide: 132 };

async function answer(request) {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  if (pathname === "/") return page(demos(), Object.keys(WIDTHS));

  const name = pathname.match(/^\/preview\/([a-z]+)$/)?.[1];
  const columns = WIDTHS[searchParams.get("width") ?? "usual"];
  if (!columns || !demos().includes(name)) return null;
  return { type: "text/plain", body: await preview(name, columns) };
}

const server = http.createServer((request, response) => {
  answer(request)
    .then((found) => {
      const { type, body } = found ?? { type: "text/plain", body: "not found\n" };
      response.writeHead(found ? 200 : 404, { "Content-Type": `${type}; charset=utf-8` });
      response.end(body);
    })
    .catch((error) => {
      console.error(error);
      response.writeHead(500).end("the preview failed\n");
    });
});

server.listen(port, () => console.log(`listening on ${port}`));

process.on("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
