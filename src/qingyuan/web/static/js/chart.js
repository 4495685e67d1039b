// Island: the series of one item as a line with its limit, gaps, doubtful and revised points.
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function row(label, value) {
  const line = document.createElement("div");
  line.textContent = value === undefined ? label : `${label}：${value}`;
  return line;
}

function tooltip(data) {
  return (params) => {
    const one = (Array.isArray(params) ? params : [params]).find((p) => p.data?.row) ?? null;
    const box = document.createElement("div");
    if (!one) return "";
    const spot = one.data.row;
    box.append(row(`${spot.start} – ${spot.end.slice(11)}`));
    if (spot.value === null) box.append(row(data.words.gap, spot.why));
    else box.append(row(data.item, `${spot.text} ${data.unit}`));
    if (spot.flag) box.append(row(data.words.flag, `${spot.flag} ${spot.flagWord}`));
    if (spot.told) box.append(row(data.words.told, spot.told));
    if (!spot.counts) box.append(row(data.words.apart));
    if (spot.revised) box.append(row(data.words.revised));
    return box;
  };
}

// A limit further above the data than this would press the curve flat; it is written below the chart instead.
const FAR = 4;

function nice(value) {
  const step = 10 ** Math.floor(Math.log10(value)) / 5;
  return Number((Math.ceil(value / step) * step).toPrecision(6));
}

function far(data, key) {
  const top = Math.max(...data.rows.map((spot) => spot.value ?? -Infinity));
  for (const l of data.lines.filter((line) => line.value > top * FAR && line.value > 0)) {
    const item = document.createElement("li");
    item.textContent = `${l.label} ${data.unit} ${data.words.far}`;
    key?.append(item);
  }
}

const CROSS = "path://M0 1.5L1.5 0 5 3.5 8.5 0 10 1.5 6.5 5 10 8.5 8.5 10 5 6.5 1.5 10 0 8.5 3.5 5Z";

function option(data) {
  const line = css("--series-1");
  const soft = css("--soft");
  const points = data.rows.map((spot) => ({
    value: [spot.start, spot.value],
    row: spot,
    symbol: !spot.counts ? CROSS : spot.doubtful || spot.revised ? "circle" : "none",
    symbolSize: spot.revised ? 9 : 7,
    itemStyle: !spot.counts ? { color: css("--over") } : spot.doubtful || spot.revised
      ? { color: spot.doubtful ? css("--surface") : line, borderColor: line, borderWidth: spot.revised ? 2 : 1.5 }
      : { color: line },
  }));
  const gaps = data.rows.filter((spot) => spot.value === null).map((spot) => [{ xAxis: spot.start }, { xAxis: spot.end }]);
  const values = data.rows.map((spot) => spot.value).filter((value) => value !== null);
  const top = Math.max(...values);
  const lines = data.lines.filter((l) => l.value <= top * FAR || l.value <= 0);
  const highest = Math.max(top, ...lines.map((l) => l.value));
  const lowest = Math.min(...values, ...lines.map((l) => l.value));
  const fromZero = lowest >= 0 && lowest < highest * 0.6;
  return {
    animation: false,
    useUTC: false,
    textStyle: { fontFamily: css("--font") },
    grid: { left: 8, right: 16, top: 28, bottom: data.rows.length > 200 ? 40 : 4, containLabel: true },
    tooltip: {
      trigger: "axis", confine: true, formatter: tooltip(data), backgroundColor: css("--surface"), borderColor: css("--line-strong"),
      textStyle: { color: css("--text"), fontSize: 12 }, axisPointer: { lineStyle: { color: css("--line-strong") } }, transitionDuration: 0,
    },
    xAxis: { type: "time", axisLine: { lineStyle: { color: css("--line-strong") } }, axisLabel: { color: soft, hideOverlap: true }, splitLine: { show: false } },
    yAxis: {
      type: "value", name: data.unit, nameTextStyle: { color: soft, align: "left" }, axisLabel: { color: soft }, splitNumber: 4,
      min: fromZero ? 0 : null, scale: true, max: lines.some((l) => l.value >= top) ? nice(highest * 1.05) : null,
      splitLine: { lineStyle: { color: css("--line") } },
    },
    dataZoom: data.rows.length > 200 ? [{ type: "inside" }, { type: "slider", height: 18, bottom: 4, borderColor: css("--line"), fillerColor: css("--accent-soft"), handleStyle: { color: line }, brushSelect: false }] : [{ type: "inside" }],
    series: [{
      type: "line", data: points, connectNulls: false, showAllSymbol: true, sampling: false, lineStyle: { color: line, width: 1.75 }, z: 3,
      markLine: lines.length ? {
        silent: true, symbol: "none", animation: false,
        data: lines.map((l) => ({ yAxis: l.value, label: { formatter: l.label } })),
        lineStyle: { color: css("--over"), type: "dashed", width: 1.25 }, label: { position: "insideStartTop", color: css("--over"), fontSize: 12, backgroundColor: css("--surface"), padding: [1, 4], distance: 3 },
      } : undefined,
      markArea: gaps.length ? { silent: true, itemStyle: { color: css("--sunk"), opacity: 0.9 }, data: gaps } : undefined,
    }],
  };
}

async function draw(box) {
  const answer = await fetch(box.dataset.chart, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    box.textContent = `${answer.status} ${answer.statusText}`;
    return;
  }
  const data = await answer.json();
  if (!data.rows.some((spot) => spot.value !== null)) {
    box.textContent = data.words?.none ?? "";
    box.classList.add("empty");
    box.dataset.drawn = "yes";
    return;
  }
  far(data, box.parentElement.querySelector(".key"));
  const chart = echarts.init(box, null, { renderer: "canvas" });
  const show = () => chart.setOption(option(data), true);
  show();
  new ResizeObserver(() => chart.resize()).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  box.dataset.drawn = "yes";
}

for (const box of document.querySelectorAll("[data-chart]")) draw(box);
