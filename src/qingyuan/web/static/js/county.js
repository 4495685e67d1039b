// The county's geometry as OpenLayers layers; shared by the map page and the small maps.
let colours = {};

export function look() {
  const style = getComputedStyle(document.documentElement);
  const css = (name) => style.getPropertyValue(name).trim();
  colours = {
    land: css("--map-land"), line: css("--map-line"), water: css("--map-water"), edge: css("--map-water-line"), label: css("--map-label"),
    surface: css("--surface"), text: css("--text"), soft: css("--soft"), over: css("--over"), accent: css("--accent"), font: css("--font"),
    air: [css("--sunk"), ...[1, 2, 3, 4, 5, 6].map((n) => css(`--aqi-${n}`))],
    section: [css("--sunk"), ...[1, 2, 3, 4, 5, 6].map((n) => css(`--water-${n}`))],
  };
  return colours;
}

const fill = (color) => new ol.style.Fill({ color });
const stroke = (color, width, lineDash) => new ol.style.Stroke({ color, width, lineDash });
const words = (text, color, size, offsetY = 0) => new ol.style.Text({
  text, font: `${size}px ${colours.font}`, fill: fill(color), stroke: stroke(colours.surface, 3), offsetY, overflow: false,
});

function landStyle(feature, resolution) {
  const layer = feature.get("layer");
  if (layer === "lake") return new ol.style.Style({ fill: fill(colours.water), stroke: stroke(colours.edge, 1), text: resolution < 120 ? words(feature.get("name"), colours.edge, 12) : undefined });
  if (layer === "river") return new ol.style.Style({ stroke: stroke(colours.water, 3.5), fill: fill(colours.water) });
  if (layer === "reach") return new ol.style.Style({ stroke: stroke(colours.water, Math.max(1.6, 3.4 - resolution / 60)) });
  const outer = layer === "county" || layer === "city";
  return new ol.style.Style({
    fill: outer ? fill(colours.land) : undefined,
    stroke: stroke(colours.line, outer ? 1.6 : 0.8, outer ? undefined : [4, 4]),
    text: layer === "town" ? words(feature.get("name"), colours.label, 12) : undefined,
  });
}

export function pointStyle(feature, resolution, on, chosen) {
  const layer = feature.get("layer");
  if (!on[layer]) return null;
  const here = feature.get("code") === chosen;
  const near = resolution < 45;
  const colour = feature.get("colour");
  const styles = [];
  if (feature.get("alert") && on.alert) {
    styles.push(new ol.style.Style({ image: new ol.style.Circle({ radius: layer === "outlet" ? 9 : 13, stroke: stroke(colours.over, 2) }) }));
  }
  if (here) styles.push(new ol.style.Style({ image: new ol.style.Circle({ radius: 16, fill: fill(colours.accent + "33"), stroke: stroke(colours.accent, 2) }) }));
  let image;
  if (layer === "air") image = new ol.style.Circle({ radius: 8, fill: fill(colours.air[colour]), stroke: stroke(colours.text, 1.2) });
  else if (layer === "water") image = new ol.style.RegularShape({ points: 4, radius: 9, fill: fill(colours.section[colour]), stroke: stroke(colours.text, 1.2) });
  else image = new ol.style.RegularShape({ points: 4, angle: Math.PI / 4, radius: layer === "outlet" ? 5.5 : 4, fill: fill(colours.soft), stroke: stroke(colours.surface, 1) });
  styles.push(new ol.style.Style({
    image, zIndex: layer === "outlet" ? 1 : 2,
    text: here || (near && layer !== "outlet") || resolution < 12 ? words(feature.get("name"), colours.text, 12, 18) : undefined,
  }));
  return styles;
}

// Rows of a register: a sign of its own for each book, with the name where there is room.
export function rowStyle(feature, resolution, place) {
  const shapes = [{ points: 3 }, { points: 5 }, { points: 6 }, { points: 4 }, { points: 5, radius2: 3 }];
  return new ol.style.Style({
    image: new ol.style.RegularShape({ radius: 7, ...shapes[place % shapes.length], fill: fill(colours.surface), stroke: stroke(colours.accent, 2) }),
    zIndex: 1, text: resolution < 12 ? words(feature.get("name"), colours.text, 12, 16) : undefined,
  });
}

export function rows(data) {
  const read = new ol.format.GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });
  return new ol.source.Vector({ features: read.readFeatures(data) });
}

export function base(data) {
  look();
  const read = new ol.format.GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });
  const features = read.readFeatures(data);
  const isPoint = (f) => Boolean(f.get("code"));
  const order = ["city", "county", "town", "grid", "lake", "river", "reach"];
  const land = features.filter((f) => !isPoint(f)).sort((a, b) => order.indexOf(a.get("layer")) - order.indexOf(b.get("layer")));
  const layers = order.map((name) => new ol.layer.Vector({
    source: new ol.source.Vector({ features: land.filter((f) => f.get("layer") === name) }), style: landStyle, declutter: name === "town" || name === "lake",
  }));
  const points = new ol.layer.Vector({ source: new ol.source.Vector({ features: features.filter(isPoint) }) });
  layers.push(points);
  const extent = ol.extent.createEmpty();
  for (const layer of layers) ol.extent.extend(extent, layer.getSource().getExtent());
  const known = !ol.extent.isEmpty(extent) && Number.isFinite(extent[0]);
  return { layers, points, extent: known ? extent : ol.proj.transformExtent([105, 27, 121, 40], "EPSG:4326", "EPSG:3857") };
}

export const view = (extent) => new ol.View({ center: ol.extent.getCenter(extent), resolution: 100, maxZoom: 18, minZoom: 4, constrainRotation: false });
