// Island: pick a place on the county's map; without it the place is written in words.
import { base, pointStyle, view } from "./county.js";

const box = document.querySelector("[data-pick]");
const lon = document.getElementById("id_lon");
const lat = document.getElementById("id_lat");
const words = document.getElementById("picked");

const answer = await fetch(box.dataset.features);
const { layers, points, extent } = base(await answer.json());
points.setStyle((f, r) => pointStyle(f, r, { air: true, water: true, outlet: true }, ""));
const pin = new ol.layer.Vector({
  source: new ol.source.Vector(),
  style: new ol.style.Style({ image: new ol.style.Circle({ radius: 7, fill: new ol.style.Fill({ color: "#b01e2b" }), stroke: new ol.style.Stroke({ color: "#fff", width: 2 }) }) }),
});
const map = new ol.Map({ target: box.querySelector(".map-canvas"), layers: [...layers, pin], view: view(extent), controls: [new ol.control.Zoom()], interactions: ol.interaction.defaults.defaults() });
map.getView().fit(extent, { padding: [10, 10, 10, 10], size: map.getSize() });

function put(place) {
  pin.getSource().clear();
  pin.getSource().addFeature(new ol.Feature(new ol.geom.Point(place)));
  const [x, y] = ol.proj.toLonLat(place);
  lon.value = x.toFixed(6);
  lat.value = y.toFixed(6);
  words.textContent = `${lon.value}, ${lat.value}`;
}
map.on("click", (event) => put(event.coordinate));
if (lon.value && lat.value) put(ol.proj.fromLonLat([Number(lon.value), Number(lat.value)]));
box.dataset.drawn = "yes";
