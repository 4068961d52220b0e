"use strict";

const services = [
  ["api", "running", "Answers requests of the web shop and of both apps"],
  ["mailer", "waiting", "Sends receipts and newsletters, at most ten a second"],
  ["thumbnails", "running", "Scales pictures that sellers upload"],
];

const width = process.stdout.isTTY ? process.stdout.columns : Infinity;
const colour = (text) => (process.stdout.isTTY ? `\u001b[32m${text}\u001b[0m` : text);

for (const [name, state, about] of services) {
  const room = width - 24;
  const short = about.length > room ? `${about.slice(0, Math.max(0, room - 1))}…` : about;
  console.log(`${name.padEnd(12)}${colour(state.padEnd(10))}${short}`);
}
