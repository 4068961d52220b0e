import { Converter } from "@/components/converter";
import { units } from "@/lib/units";

export default function Page() {
  const choices = Object.entries(units).map(([id, { name, kind }]) => ({ id, name, kind }));
  return (
    <main>
      <h1>Unit converter</h1>
      <Converter choices={choices} />
    </main>
  );
}
