const list = document.querySelector("#readings");

async function refresh() {
  const answer = await fetch("/readings");
  const { readings } = await answer.json();
  list.replaceChildren(
    ...readings.map(({ station, celsius }) => {
      const item = document.createElement("li");
      item.textContent = `${station}: ${celsius} °C`;
      return item;
    }),
  );
}

setInterval(refresh, 5000);
refresh();
