"use client";

import { useEffect, useState } from "react";

interface Choice {
  id: string;
  name: string;
  kind: string;
}

export function Converter({ choices }: { choices: Choice[] }) {
  const [value, setValue] = useState("1");
  const [from, setFrom] = useState("mi");
  const [to, setTo] = useState("km");
  const [answer, setAnswer] = useState("");
  const kind = choices.find((choice) => choice.id === from)?.kind;

  useEffect(() => {
    const stop = new AbortController();
    const asked = new URLSearchParams({ value, from, to });
    fetch(`/api/convert?${asked}`, { signal: stop.signal })
      .then((response) => response.json())
      .then((found) => setAnswer(found.error ?? `${found.result} ${found.to}`))
      .catch(() => {});
    return () => stop.abort();
  }, [value, from, to]);

  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <input type="number" value={value} onChange={(event) => setValue(event.target.value)} />
      <Units choices={choices} chosen={from} choose={setFrom} />
      <Units choices={choices.filter((choice) => choice.kind === kind)} chosen={to} choose={setTo} />
      <output>{answer}</output>
    </form>
  );
}

function Units(props: { choices: Choice[]; chosen: string; choose: (id: string) => void }) {
  return (
    <select value={props.chosen} onChange={(event) => props.choose(event.target.value)}>
      {props.choices.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}
