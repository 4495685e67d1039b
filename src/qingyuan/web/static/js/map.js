// Island: the county from its own geometry, on canvas, without tiles.
import { base, look, pointStyle, rows, rowStyle, view } from "./county.js";

const page = document.querySelector("[data-map]");
const data = await (await fetch(page.dataset.features)).json();
const card = document.getElementById("card");
const on = { air: true, water: true, outlet: true, meter: false, alert: true };
let chosen = page.dataset.chosen;

const { layers, points, extent } = base(data);
const map = new ol.Map({
  target: "map",
  layers,
  view: view(extent),
  controls: [new ol.control.Zoom(), new ol.control.ScaleLine({ minWidth: 60 })],
  interactions: ol.interaction.defaults.defaults(), // the wheel zooms at once, not only after a click into the map
});
const fit = () => { map.updateSize(); map.getView().fit(extent, { padding: [30, 40, 60, innerWidth > 760 ? 140 : 30], size: map.getSize() }); };
fit();
document.querySelector("[data-fit]").addEventListener("click", fit);
const key = document.querySelector("details.map-key");
key.open = innerWidth > 760;
points.setStyle((feature, resolution) => pointStyle(feature, resolution, on, chosen));

// Value, limit, alert and case of the chosen point, as the server words them.
async function tell(code) {
  const facts = card.querySelector("[data-facts]");
  facts.replaceChildren();
  const answer = await fetch(`${page.dataset.card}${encodeURIComponent(code)}/`);
  if (answer.ok && code === chosen) facts.innerHTML = await answer.text();
}

function show(feature, move) {
  chosen = feature ? feature.get("code") : "";
  for (const button of page.querySelectorAll("[data-code]")) {
    const here = button.dataset.code === chosen;
    button.setAttribute("aria-pressed", String(here));
    if (here && !move) button.scrollIntoView({ block: "nearest" });
  }
  card.hidden = !feature;
  if (feature) {
    card.querySelector("h2").textContent = feature.get("name");
    card.querySelector("small").textContent = [feature.get("owner"), feature.get("area")].filter(Boolean).join(" · ");
    const mark = card.querySelector(".mark");
    mark.replaceChildren();
    if (feature.get("colour")) {
      const chip = document.createElement("span");
      chip.className = `${feature.get("layer") === "air" ? "aqi" : "water"} c${feature.get("colour")}`;
      const value = document.createElement("b");
      value.textContent = feature.get("text");
      const word = document.createElement("span");
      word.textContent = feature.get("word");
      chip.append(value, word);
      mark.append(chip);
    } else mark.textContent = feature.get("word");
    card.querySelector("a.button").href = `${page.dataset.page}${encodeURIComponent(chosen)}/`;
    tell(chosen);
    if (move) map.getView().animate({ center: feature.getGeometry().getCoordinates(), duration: 160 });
  }
  points.changed();
}

// A row of a register: its name, its book, and the page where it stands.
function showRow(feature, box) {
  show(null, false);
  card.hidden = false;
  card.querySelector("h2").textContent = feature.get("name");
  card.querySelector("small").textContent = box.dataset.title;
  card.querySelector(".mark").textContent = feature.get("colour");
  card.querySelector("[data-facts]").replaceChildren();
  card.querySelector("a.button").href = `${box.dataset.rows}${encodeURIComponent(feature.get("code"))}/`;
}

// Layers of registers are fetched when they are asked for, and told how many rows they hold.
const books = new Map();
const boxes = [...page.querySelectorAll("[data-book]")];
for (const [place, box] of boxes.entries()) {
  box.addEventListener("change", async () => {
    if (box.checked && !books.has(box)) {
      const answer = await fetch(box.dataset.book);
      const found = answer.ok ? await answer.json() : { type: "FeatureCollection", features: [] };
      const told = box.parentElement.querySelector("small");
      told.textContent = !found.features.length ? box.dataset.none : `${found.features.length}${found.more ? ` · ${box.dataset.more}` : ""}`;
      const layer = new ol.layer.Vector({ source: rows(found), style: (f, resolution) => rowStyle(f, resolution, place) });
      books.set(box, layer);
      map.addLayer(layer);
    }
    books.get(box)?.setVisible(box.checked);
  });
}
const isChosen = (layer) => layer === points || [...books.values()].includes(layer);

const all = points.getSource().getFeatures();
map.on("click", (event) => {
  const hit = map.forEachFeatureAtPixel(event.pixel, (f, layer) => [f, layer], { layerFilter: isChosen, hitTolerance: 6 });
  if (hit && hit[1] !== points) showRow(hit[0], boxes.find((box) => books.get(box) === hit[1]));
  else show(hit?.[0] ?? null, false);
});
map.on("pointermove", (event) => {
  map.getTargetElement().style.cursor = map.hasFeatureAtPixel(event.pixel, { layerFilter: isChosen, hitTolerance: 4 }) ? "pointer" : "";
});
for (const button of page.querySelectorAll("[data-code]")) {
  button.addEventListener("click", () => show(all.find((f) => f.get("code") === button.dataset.code), true));
}
card.querySelector("[data-close]").addEventListener("click", () => show(null, false));
for (const box of page.querySelectorAll("[data-layer]")) {
  box.addEventListener("change", () => {
    on[box.dataset.layer] = box.checked;
    for (const row of page.querySelectorAll(`[data-kind="${box.dataset.layer}"]`)) row.hidden = !box.checked;
    points.changed();
  });
}
page.querySelector("[data-narrow]").addEventListener("input", (event) => {
  const word = event.target.value.trim();
  for (const row of page.querySelectorAll("[data-kind]")) row.hidden = !row.textContent.includes(word);
});
for (const row of page.querySelectorAll('[data-kind="meter"]')) row.hidden = true;
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { look(); for (const l of [...layers, ...books.values()]) l.changed(); });
if (chosen) {
  const first = all.find((f) => f.get("code") === chosen);
  if (first) show(first, true);
}
// Paper has another size than the window: the map is drawn anew for it, at once, and again for the window.
const redraw = () => { fit(); map.renderSync(); };
addEventListener("beforeprint", redraw);
addEventListener("afterprint", redraw);
matchMedia("print").addEventListener("change", redraw);
page.dataset.drawn = "yes";
