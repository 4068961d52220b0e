import { render } from "preact";
import { LocationProvider, Route, Router } from "preact-iso";

import { RecipeList } from "./pages/list";
import { RecipePage } from "./pages/recipe";
import "./style.css";

function NotFound() {
  return <p>There is no such page.</p>;
}

function App() {
  return (
    <LocationProvider>
      <header>
        <a href="/">{import.meta.env.VITE_SITE_NAME}</a>
      </header>
      <main>
        <Router>
          <Route path="/" component={RecipeList} />
          <Route path="/recipes/:slug" component={RecipePage} />
          <Route default component={NotFound} />
        </Router>
      </main>
    </LocationProvider>
  );
}

render(<App />, document.getElementById("app")!);
