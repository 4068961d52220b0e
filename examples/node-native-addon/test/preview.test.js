"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { demos, preview } = require("../lib/preview");

test("a program sees a terminal of the width asked for", async () => {
  const lines = (await preview("progress", 40)).trimEnd().split("\n");
  assert.equal(lines.at(-1), `[${"#".repeat(32)}] 100%`);
});

test("every program can be shown", async () => {
  for (const name of demos()) assert.notEqual(await preview(name, 80), "");
});
