import { price } from "@tickets/prices";
import fastify from "fastify";

const app = fastify({ logger: true });

app.get("/", () => ({ hint: "Ask /price?seats=2 for what two seats cost." }));

app.get<{ Querystring: { seats?: string; reduced?: string } }>("/price", (request) => {
  const order = { seats: Number(request.query.seats ?? "1"), reduced: request.query.reduced === "yes" };
  return { ...order, cents: price(order) };
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => void app.close());
}

await app.listen({ host: "0.0.0.0", port: Number(process.env.PORT ?? 3000) });
