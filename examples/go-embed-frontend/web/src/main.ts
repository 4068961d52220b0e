import { add, cards, vote, type Card } from "./api";
import "./style.css";

const list = document.querySelector("ol")!;
const form = document.querySelector("form")!;

function row(card: Card): HTMLLIElement {
  const item = document.createElement("li");
  const text = document.createElement("span");
  text.textContent = card.text;
  const button = document.createElement("button");
  button.textContent = `+${card.votes}`;
  button.addEventListener("click", () => void vote(card.id).then(show));
  item.append(text, button);
  return item;
}

async function show(): Promise<void> {
  list.replaceChildren(...(await cards()).map(row));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = String(new FormData(form).get("text"));
  void add(text).then(() => {
    form.reset();
    return show();
  });
});

void show();
