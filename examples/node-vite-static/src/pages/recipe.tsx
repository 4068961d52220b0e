import { useState } from "preact/hooks";
import { useRoute } from "preact-iso";

import { recipes, scaled } from "../recipes";

export function RecipePage() {
  const { slug } = useRoute().params;
  const recipe = recipes.find((one) => one.slug === slug);
  const [guests, setGuests] = useState(recipe?.serves ?? 1);
  if (!recipe) return <p>There is no such recipe.</p>;
  return (
    <article>
      <h1>{recipe.title}</h1>
      <label>
        For <input type="number" min="1" max="50" value={guests} onInput={(event) => setGuests(Math.max(1, event.currentTarget.valueAsNumber || 1))} />
      </label>
      <ul>
        {scaled(recipe, guests).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <ol>
        {recipe.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </article>
  );
}
