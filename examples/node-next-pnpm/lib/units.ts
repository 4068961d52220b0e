interface Unit {
  name: string;
  kind: "length" | "mass" | "temperature";
  toBase(value: number): number;
  fromBase(value: number): number;
}

const linear = (name: string, kind: Unit["kind"], factor: number): Unit => ({
  name,
  kind,
  toBase: (value) => value * factor,
  fromBase: (value) => value / factor,
});

export const units: Record<string, Unit> = {
  m: linear("metre", "length", 1),
  km: linear("kilometre", "length", 1000),
  mi: linear("mile", "length", 1609.344),
  ft: linear("foot", "length", 0.3048),
  kg: linear("kilogram", "mass", 1),
  lb: linear("pound", "mass", 0.45359237),
  c: linear("degree Celsius", "temperature", 1),
  f: {
    name: "degree Fahrenheit",
    kind: "temperature",
    toBase: (value) => ((value - 32) * 5) / 9,
    fromBase: (value) => (value * 9) / 5 + 32,
  },
};

export function convert(value: number, from: string, to: string): number {
  const [source, target] = [units[from], units[to]];
  if (!source || !target) throw new RangeError(`unknown unit: ${source ? to : from}`);
  if (source.kind !== target.kind) throw new RangeError(`a ${source.name} is no ${target.kind}`);
  if (!Number.isFinite(value)) throw new RangeError("the value is no number");
  return Number(target.fromBase(source.toBase(value)).toPrecision(12));
}
