import { Database } from "bun:sqlite";

export interface Habit {
  id: number;
  name: string;
  /** Days in a row up to today, or to yesterday where today is still open. */
  streak: number;
}

const DAY = 24 * 60 * 60 * 1000;

export class Habits {
  readonly #db: Database;

  constructor(path: string) {
    this.#db = new Database(path, { create: true, strict: true });
    this.#db.run("PRAGMA journal_mode = WAL");
    this.#db.run("PRAGMA foreign_keys = ON");
    this.#db.run("CREATE TABLE IF NOT EXISTS habits (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)");
    this.#db.run(`CREATE TABLE IF NOT EXISTS days (
      habit INTEGER NOT NULL REFERENCES habits (id) ON DELETE CASCADE,
      day TEXT NOT NULL,
      PRIMARY KEY (habit, day)
    ) WITHOUT ROWID`);
  }

  add(name: string): Habit {
    const row = this.#db
      .query<{ id: number }, { name: string }>(
        "INSERT INTO habits (name) VALUES ($name) ON CONFLICT (name) DO UPDATE SET name = $name RETURNING id",
      )
      .get({ name });
    return { id: row!.id, name, streak: 0 };
  }

  tick(id: number, day: string): boolean {
    const known = this.#db.query("SELECT 1 FROM habits WHERE id = $id").get({ id });
    if (known) this.#db.query("INSERT OR IGNORE INTO days VALUES ($id, $day)").run({ id, day });
    return Boolean(known);
  }

  untick(id: number, day: string): void {
    this.#db.query("DELETE FROM days WHERE habit = $id AND day = $day").run({ id, day });
  }

  all(today: string): Habit[] {
    const rows = this.#db.query<{ id: number; name: string }, []>("SELECT id, name FROM habits ORDER BY name").all();
    return rows.map((row) => ({ ...row, streak: this.#streak(row.id, today) }));
  }

  close(): void {
    this.#db.close();
  }

  #streak(id: number, today: string): number {
    const days = new Set(
      this.#db
        .query<{ day: string }, { id: number; today: string }>(
          "SELECT day FROM days WHERE habit = $id AND day <= $today ORDER BY day DESC LIMIT 3660",
        )
        .all({ id, today })
        .map(({ day }) => day),
    );
    let time = Date.parse(today);
    const key = () => new Date(time).toISOString().slice(0, 10);
    if (!days.has(key())) time -= DAY;
    let streak = 0;
    for (; days.has(key()); time -= DAY) streak += 1;
    return streak;
  }
}
