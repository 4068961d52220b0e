import { createApp } from "./app.js";
import { Links } from "./links.js";

const port = Number(process.env.PORT ?? 3000);
const app = createApp(new Links());

app.listen(port, () => {
  console.log(`listening on ${port}`);
});
