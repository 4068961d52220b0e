import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { logger } from "hono/logger";

import type { Habits } from "./habits.ts";

const today = () => new Date().toISOString().slice(0, 10);

function day(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new HTTPException(422, { message: "a day is written like 2026-01-31" });
  }
  return text;
}

export function createApp(habits: Habits): Hono {
  const app = new Hono();
  app.use(logger());

  app.get("/", (c) => c.json({ habits: habits.all(today()) }));

  app.post("/habits", async (c) => {
    const { name } = await c.req.json<{ name?: unknown }>();
    if (typeof name !== "string" || name.trim() === "") {
      throw new HTTPException(422, { message: "a habit needs a name" });
    }
    return c.json(habits.add(name.trim()), 201);
  });

  app.put("/habits/:id/days/:day", (c) => {
    if (!habits.tick(Number(c.req.param("id")), day(c.req.param("day")))) return c.notFound();
    return c.body(null, 204);
  });

  app.delete("/habits/:id/days/:day", (c) => {
    habits.untick(Number(c.req.param("id")), day(c.req.param("day")));
    return c.body(null, 204);
  });

  app.onError((error, c) => {
    if (error instanceof HTTPException) return c.json({ error: error.message }, error.status);
    console.error(error);
    return c.json({ error: "something went wrong" }, 500);
  });
  return app;
}
