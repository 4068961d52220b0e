"use strict";

const bar = Math.max(10, (process.stdout.columns || 80) - 8);

for (let percent = 0; percent <= 100; percent += 25) {
  const full = Math.round((bar * percent) / 100);
  process.stdout.write(`[${"#".repeat(full)}${" ".repeat(bar - full)}]${String(percent).padStart(4)}%\n`);
}
