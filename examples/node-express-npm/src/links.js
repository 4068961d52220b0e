import { nanoid } from "nanoid";

const MOST = 1000;

/** Short codes for addresses, in memory: the oldest go first. */
export class Links {
  #byCode = new Map();

  add(text) {
    const url = parse(text);
    const link = { code: nanoid(7), url: url.href, visits: 0 };
    this.#byCode.set(link.code, link);
    if (this.#byCode.size > MOST) {
      this.#byCode.delete(this.#byCode.keys().next().value);
    }
    return link;
  }

  follow(code) {
    const link = this.#byCode.get(code);
    if (link) link.visits += 1;
    return link;
  }

  all() {
    return [...this.#byCode.values()].reverse();
  }
}

function parse(text) {
  const url = URL.parse(String(text));
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new Error("That is no web address.");
  }
  return url;
}
