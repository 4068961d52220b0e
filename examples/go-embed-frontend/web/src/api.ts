export interface Card {
  id: number;
  text: string;
  votes: number;
}

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(`/api/cards${path}`, init);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json() as Promise<T>;
}

export const cards = () => call<Card[]>("");

export const add = (text: string) => call<Card>("", { method: "POST", body: JSON.stringify({ text }) });

export const vote = (id: number) => call<Card>(`/${id}/votes`, { method: "POST" });
