import { Body, Controller, Delete, Get, HttpCode, Param, ParseEnumPipe, ParseIntPipe, Patch, Post, Query } from "@nestjs/common";

import { NewTask, State, states, Task, TaskChange } from "./task";
import { TasksService } from "./tasks.service";

const known = Object.fromEntries(states.map((state) => [state, state]));

@Controller("tasks")
export class TasksController {
  constructor(private readonly tasks: TasksService) {}

  @Get()
  list(@Query("state", new ParseEnumPipe(known, { optional: true })) state?: State): Task[] {
    return this.tasks.list(state);
  }

  @Post()
  add(@Body() task: NewTask): Task {
    return this.tasks.add(task);
  }

  @Patch(":id")
  change(@Param("id", ParseIntPipe) id: number, @Body() change: TaskChange): Task {
    return this.tasks.change(id, change);
  }

  @Delete(":id")
  @HttpCode(204)
  remove(@Param("id", ParseIntPipe) id: number): void {
    this.tasks.remove(id);
  }
}
