import { NextResponse, type NextRequest } from "next/server";

import { convert } from "@/lib/units";

export function GET(request: NextRequest) {
  const asked = request.nextUrl.searchParams;
  const [from, to] = [asked.get("from") ?? "", asked.get("to") ?? ""];
  const value = Number.parseFloat(asked.get("value") ?? "");
  try {
    return NextResponse.json({ value, from, to, result: convert(value, from, to) });
  } catch (error) {
    return NextResponse.json({ error: (error as RangeError).message }, { status: 422 });
  }
}
