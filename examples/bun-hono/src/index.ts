import { mkdirSync } from "node:fs";

import { createApp } from "./app.ts";
import { Habits } from "./habits.ts";

mkdirSync("data", { recursive: true });
const habits = new Habits("data/habits.sqlite");
const server = Bun.serve({
  port: Number(process.env.PORT ?? 3000),
  fetch: createApp(habits).fetch,
});
console.log(`listening on ${server.port}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, async () => {
    await server.stop();
    habits.close();
    process.exit(0);
  });
}
