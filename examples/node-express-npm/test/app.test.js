import assert from "node:assert/strict";
import { test } from "node:test";

import request from "supertest";

import { createApp } from "../src/app.js";
import { Links } from "../src/links.js";

test("a link is shortened, shown and followed", async () => {
  const links = new Links();
  const app = createApp(links);
  await request(app).post("/links").type("form").send({ url: "https://example.com/a" }).expect(303);
  const [{ code }] = links.all();
  await request(app).get(`/${code}`).expect(302).expect("Location", "https://example.com/a");
  const page = await request(app).get("/").expect(200);
  assert.match(page.text, new RegExp(`${code}</a> https://example.com/a \\(1\\)`));
});

test("only web addresses are taken", async () => {
  const answer = await request(createApp(new Links())).post("/links").type("form").send({ url: "javascript:alert(1)" });
  assert.equal(answer.status, 422);
});

test("an unknown code is not found", async () => {
  await request(createApp(new Links())).get("/nothing").expect(404);
});
