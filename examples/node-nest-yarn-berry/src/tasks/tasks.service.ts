import { Injectable, NotFoundException } from "@nestjs/common";

import { NewTask, State, Task, TaskChange } from "./task";

@Injectable()
export class TasksService {
  private readonly tasks = new Map<number, Task>();
  private last = 0;

  constructor() {
    this.add({ title: "Write the first task" });
  }

  list(state?: State): Task[] {
    return [...this.tasks.values()].filter((task) => !state || task.state === state);
  }

  add({ title }: NewTask): Task {
    const task: Task = { id: ++this.last, title, state: "open" };
    this.tasks.set(task.id, task);
    return task;
  }

  change(id: number, change: TaskChange): Task {
    const task = this.get(id);
    return Object.assign(task, change);
  }

  remove(id: number): void {
    this.get(id);
    this.tasks.delete(id);
  }

  private get(id: number): Task {
    const task = this.tasks.get(id);
    if (!task) throw new NotFoundException(`There is no task ${id}`);
    return task;
  }
}
