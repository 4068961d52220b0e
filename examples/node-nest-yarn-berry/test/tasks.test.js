const assert = require("node:assert/strict");
const { test } = require("node:test");

const { TasksService } = require("../dist/tasks/tasks.service");

test("a task is done and no longer open", () => {
  const tasks = new TasksService();
  const { id } = tasks.add({ title: "Buy milk" });
  tasks.change(id, { state: "done" });
  assert.deepEqual(tasks.list("done").map((task) => task.id), [id]);
  assert.throws(() => tasks.remove(99), /no task 99/);
});
