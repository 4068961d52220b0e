import { fileURLToPath } from "node:url";

import express from "express";
import helmet from "helmet";

const here = (folder) => fileURLToPath(new URL(`../${folder}`, import.meta.url));

export function createApp(links) {
  const app = express();
  app.set("view engine", "ejs");
  app.set("views", here("views"));
  app.use(helmet());
  app.use(express.static(here("public")));
  app.use(express.urlencoded({ extended: false, limit: "8kb" }));

  app.get("/", (request, response) => {
    response.render("index", { links: links.all(), error: null });
  });

  app.post("/links", (request, response) => {
    try {
      links.add(request.body.url);
      response.redirect(303, "/");
    } catch (error) {
      response.status(422).render("index", { links: links.all(), error: error.message });
    }
  });

  app.get("/:code", (request, response, next) => {
    const link = links.follow(request.params.code);
    if (!link) return next();
    response.redirect(302, link.url);
  });

  app.use((request, response) => {
    response.status(404).render("missing", { path: request.path });
  });
  return app;
}
