import { useState } from "preact/hooks";

import { recipes } from "../recipes";

export function RecipeList() {
  const [search, setSearch] = useState("");
  const wanted = search.toLowerCase();
  const found = recipes.filter(
    ({ title, ingredients }) =>
      title.toLowerCase().includes(wanted) || ingredients.some(({ what }) => what.includes(wanted)),
  );
  return (
    <>
      <input placeholder="Search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      <ul>
        {found.map(({ slug, title }) => (
          <li key={slug}>
            <a href={`/recipes/${slug}`}>{title}</a>
          </li>
        ))}
      </ul>
    </>
  );
}
