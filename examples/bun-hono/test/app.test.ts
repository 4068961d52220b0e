import { expect, test } from "bun:test";

import { createApp } from "../src/app.ts";
import { Habits } from "../src/habits.ts";

test("days in a row make a streak", () => {
  const habits = new Habits(":memory:");
  const { id } = habits.add("Walk");
  for (const day of ["2026-01-28", "2026-01-30", "2026-01-31"]) habits.tick(id, day);
  expect(habits.all("2026-02-01")).toEqual([{ id, name: "Walk", streak: 2 }]);
});

test("a habit is made and ticked over HTTP", async () => {
  const app = createApp(new Habits(":memory:"));
  const made = await app.request("/habits", { method: "POST", body: JSON.stringify({ name: "Read" }) });
  expect(made.status).toBe(201);
  const { id } = (await made.json()) as { id: number };
  expect((await app.request(`/habits/${id}/days/2026-01-31`, { method: "PUT" })).status).toBe(204);
  expect((await app.request(`/habits/99/days/2026-01-31`, { method: "PUT" })).status).toBe(404);
  expect((await app.request(`/habits/${id}/days/today`, { method: "PUT" })).status).toBe(422);
});
