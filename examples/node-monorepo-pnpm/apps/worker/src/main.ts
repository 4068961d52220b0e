import { price } from "@tickets/prices";
import { pino } from "pino";

const log = pino();

// Stands for a queue: an order comes in every few seconds.
const timer = setInterval(() => {
  const order = { seats: 1 + Math.floor(Math.random() * 4), reduced: Math.random() < 0.5 };
  log.info({ ...order, cents: price(order) }, "order is paid");
}, 5000);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => clearInterval(timer));
}
