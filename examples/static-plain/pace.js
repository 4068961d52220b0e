"use strict";

const DISTANCES = [["5 km", 5], ["10 km", 10], ["Half marathon", 21.0975], ["Marathon", 42.195]];
const SLOWER = 1.06;

const form = document.querySelector("#pace");
const result = document.querySelector("#result");
const others = document.querySelector("#others");

/** Seconds of `1:02:03` or `52:30`; NaN where it is neither. */
function seconds(text) {
  const parts = text.split(":").map(Number);
  return parts.reduce((sum, part) => sum * 60 + part, 0);
}

function clock(total) {
  const whole = Math.round(total);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, at) => (at ? String(part).padStart(2, "0") : part)).join(":");
}

/** The time over another distance: each doubling is six per cent slower. */
function predicted(time, distance, other) {
  return time * Math.pow(other / distance, Math.log2(2 * SLOWER));
}

function show() {
  const distance = Number(form.elements.distance.value);
  const time = seconds(form.elements.time.value);
  if (!(distance > 0) || !(time > 0)) {
    result.textContent = "–";
    others.replaceChildren();
    return;
  }
  result.textContent = `${clock(time / distance)} min/km`;
  others.replaceChildren(...DISTANCES.map(([name, other]) => {
    const row = document.createElement("tr");
    for (const text of [name, clock(predicted(time, distance, other))]) {
      row.insertCell().textContent = text;
    }
    return row;
  }));
}

form.addEventListener("input", show);
show();
