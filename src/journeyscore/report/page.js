// Draws the charts. Expressions are interpreted, not compiled: the page forbids itself to make code.
const specs = JSON.parse(document.getElementById("charts").textContent);
const drawn = [...document.querySelectorAll("[data-chart]")].map((place) =>
  vegaEmbed(place, specs[Number(place.dataset.chart)], {
    mode: "vega-lite",
    renderer: "svg",
    actions: false,
    ast: true,
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true, offsetX: 12, offsetY: 12 },
  }),
);
Promise.all(drawn).then(
  () => (document.documentElement.dataset.drawn = String(drawn.length)),
  (error) => console.error(error),
);
