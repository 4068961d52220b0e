export interface Recipe {
  slug: string;
  title: string;
  serves: number;
  ingredients: { amount: number; unit: string; what: string }[];
  steps: string[];
}

export const recipes: Recipe[] = [
  {
    slug: "pancakes",
    title: "Pancakes",
    serves: 4,
    ingredients: [
      { amount: 250, unit: "g", what: "flour" },
      { amount: 500, unit: "ml", what: "milk" },
      { amount: 3, unit: "", what: "eggs" },
    ],
    steps: ["Whisk everything and let it rest for half an hour.", "Fry thin layers in a little butter."],
  },
  {
    slug: "lentil-soup",
    title: "Lentil soup",
    serves: 2,
    ingredients: [
      { amount: 150, unit: "g", what: "red lentils" },
      { amount: 600, unit: "ml", what: "stock" },
      { amount: 1, unit: "", what: "onion" },
    ],
    steps: ["Soften the onion.", "Add lentils and stock, and simmer for twenty minutes.", "Blend half of it."],
  },
];

/** The ingredients for another number of guests, rounded to what a kitchen can measure. */
export function scaled(recipe: Recipe, guests: number): string[] {
  return recipe.ingredients.map(({ amount, unit, what }) => {
    const exact = (amount * guests) / recipe.serves;
    const rounded = exact >= 10 ? Math.round(exact / 5) * 5 : Math.round(exact * 2) / 2;
    return [rounded || 0.5, unit, what].filter((word) => word !== "").join(" ");
  });
}
