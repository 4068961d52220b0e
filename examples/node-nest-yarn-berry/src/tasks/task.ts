import { IsIn, IsNotEmpty, IsOptional, IsString, MaxLength } from "class-validator";

export const states = ["open", "done"] as const;
export type State = (typeof states)[number];

export interface Task {
  id: number;
  title: string;
  state: State;
}

export class NewTask {
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  title: string;
}

export class TaskChange {
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  title?: string;

  @IsOptional()
  @IsIn(states)
  state?: State;
}
