// Island: everything of an outlet's hours in panels over one time axis, with one cursor for all of them.
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const TITLE = 28;
const LANE = 20;
const AXIS = 26;
const PAPER = [660, 860]; // px that an A4 page holds below the title
const NARROW = 560; // no room for a floating box: the line below the chart says it all
const FAR = 4; // a limit this many times above the data would press the curve flat; it is named in the title instead
const COLOURS = {
  measured: "--series-1", converted: "--series-2", given: "--series-4", computed: "--series-3", production: "--series-3",
  treatment: "--series-1", plain: "--series-4",
};

const el = (tag, text, className) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
};

const label = (panel, trace) => (panel.traces.length > 1 || trace.kind === "computed" ? `${panel.name} ${trace.word}` : panel.name);

// The limit lines in force at an hour, in words.
const limitsAt = (panel, stamp) => panel.steps.filter((s) => !s.condition && s.start <= stamp && stamp < s.end).map((s) => s.words);

function rowsAt(data, at) {
  const stamp = data.hours[at];
  const rows = [];
  for (const panel of data.panels) {
    for (const trace of panel.traces) {
      const said = [trace.flags[at], trace.marks[at]].filter(Boolean);
      if (trace.over.includes(at)) said.unshift(data.words.over);
      if (trace.revised.includes(at)) said.push(data.words.revised);
      const text = trace.values[at] === null ? "—" : `${trace.texts[at]} ${panel.unit}`.trim();
      rows.push({ name: label(panel, trace), text, said: said.join("，"), colour: css(COLOURS[trace.kind] ?? "--series-1") });
    }
    for (const words of limitsAt(panel, stamp)) rows.push({ name: panel.name, text: words, said: "", colour: css("--over") });
  }
  const bands = data.bands.filter((b) => b.start < (data.hours[at + 1] ?? data.until) && b.end > stamp).map((b) => b.words);
  return { stamp, rows, bands };
}

function tooltip(data, at) {
  const { stamp, rows, bands } = rowsAt(data, at);
  const box = el("div", undefined, "aligned-tip");
  box.append(el("strong", `${stamp} – ${(data.hours[at + 1] ?? data.until).slice(11)}`));
  for (const words of bands) box.append(el("div", words, "tip-band"));
  const table = el("table");
  for (const row of rows) {
    const line = el("tr");
    const name = el("td", row.name);
    const dot = el("i");
    dot.style.background = row.colour;
    name.prepend(dot);
    line.append(name, el("td", row.text, "num"), el("td", row.said, "said"));
    table.append(line);
  }
  box.append(table);
  return box;
}

function readOut(box, data, at, opens) {
  const { stamp, rows, bands } = rowsAt(data, at);
  const values = rows.map((r) => `${r.name} ${r.text}${r.said ? `（${r.said}）` : ""}`);
  box.replaceChildren(el("strong", stamp), ` ${[...bands, ...values].join("；")} `);
  for (const panel of data.panels.filter((p) => p.traces[0]?.kind === "measured" || p.traces[0]?.kind === "converted")) {
    const link = el("a", `${data.words.open} ${panel.name}`);
    link.href = opens(panel.traces[0].item, stamp);
    box.append(link, " ");
  }
}

function shapeOf(panel) {
  const values = panel.traces.flatMap((t) => t.values).filter((v) => v !== null);
  const top = values.length ? Math.max(...values) : 1;
  const bounds = panel.steps.filter((s) => s.hour || !panel.steps.some((o) => o.hour)).flatMap((s) => [s.upper, s.lower]).filter((v) => v !== null);
  const drawn = bounds.filter((v) => v <= top * FAR || v <= 0);
  const lowest = Math.min(...values, ...drawn);
  const highest = Math.max(top, ...drawn);
  return { top, lowest, highest, fromZero: lowest >= 0 && lowest < highest * 0.6 };
}

function title(data, panel) {
  const { top } = shapeOf(panel);
  const far = panel.steps.filter((s) => s.upper !== null && s.upper > top * FAR && s.upper > 0 && !s.condition).map((s) => `${s.words}（${data.words.far}）`);
  const words = panel.traces.length > 1 || panel.traces[0]?.kind === "computed" ? panel.traces.map((t) => `{${t.kind}|━} ${t.word}`).join("  ") : "";
  return [`{name|${panel.name}}${panel.unit ? ` {unit|${panel.unit}}` : ""}`, words, panel.note ? `{unit|${panel.note}}` : "", ...new Set(far.map((f) => `{unit|${f}}`))].filter(Boolean).join("   ");
}

const rich = () => ({
  name: { fontWeight: 600, color: css("--text"), fontSize: 12 },
  unit: { color: css("--faint"), fontSize: 12 },
  ...Object.fromEntries(Object.entries(COLOURS).map(([kind, colour]) => [kind, { color: css(colour), fontWeight: 600 }])),
});

function bandAreas(data, panel) {
  const item = panel.traces[0]?.item;
  return data.bands
    .filter((b) => b.kind === "stop" || !b.item || b.item === item || !panel.steps.length)
    .map((b) => [
      { xAxis: b.start, itemStyle: { color: b.kind === "stop" ? css("--sunk") : css("--info-soft"), opacity: b.counts ? 0.75 : 0.3 } },
      { xAxis: b.end },
    ]);
}

// Runs of the same device flag on any line, for the lane: [first, last + 1, words].
function flagRuns(data) {
  const runs = [];
  const main = data.panels.flatMap((p) => p.traces).filter((t) => t.flags.length);
  for (let at = 0; at < data.hours.length; at += 1) {
    const word = [...new Set(main.map((t) => t.flags[at]).filter(Boolean))].join(" ");
    const last = runs.at(-1);
    if (word && last?.word === word && last.end === at) last.end = at + 1;
    else if (word) runs.push({ start: at, end: at + 1, word });
  }
  return runs;
}

function laneSeries(data, width) {
  const span = data.hours.length || 1;
  const shown = (text, hours) => {
    const room = Math.floor(((hours / span) * width) / 12);
    return room >= text.length ? text : room >= 2 ? `${text.slice(0, room - 1)}…` : "";
  };
  const hoursOf = (b) => (Date.parse(b.end.replace(" ", "T")) - Date.parse(b.start.replace(" ", "T"))) / 3600000;
  const areas = data.bands.map((b) => [
    {
      xAxis: b.start, yAxis: 1,
      itemStyle: { color: b.kind === "stop" ? css("--line") : b.counts ? css("--info-soft") : css("--surface"), borderColor: css(b.counts ? "--info" : "--over"), borderWidth: b.kind === "stop" ? 0 : 1, borderType: b.counts ? "solid" : "dashed" },
      label: { show: true, position: "inside", formatter: shown(b.words, hoursOf(b)) || shown(b.short, hoursOf(b)), color: css("--text"), fontSize: 11 },
    },
    { xAxis: b.end, yAxis: 2 },
  ]);
  for (const run of flagRuns(data)) {
    areas.push([
      { xAxis: data.hours[run.start], yAxis: 0, itemStyle: { color: css("--half-soft") }, label: { show: true, position: "inside", formatter: shown(run.word, run.end - run.start) || shown(run.word[0], run.end - run.start), color: css("--half"), fontSize: 11 } },
      { xAxis: data.hours[run.end] ?? data.until, yAxis: 1 },
    ]);
  }
  return {
    type: "line", xAxisIndex: 0, yAxisIndex: 0, data: data.hours.map((h) => [h, 0]), symbol: "none", silent: true, lineStyle: { opacity: 0 }, z: 1,
    markArea: { silent: true, data: areas },
  };
}

function limitSeries(panel, index) {
  const { top } = shapeOf(panel);
  const lines = [];
  for (const step of panel.steps) {
    for (const bound of [step.upper, step.lower]) {
      if (bound === null || (bound > top * FAR && bound > 0)) continue;
      lines.push({
        type: "line", xAxisIndex: index, yAxisIndex: index, silent: true, symbol: "none", z: 2, tooltip: { show: false },
        data: [[step.start, bound], [step.end, bound]],
        lineStyle: { color: css("--over"), width: 1.25, type: step.condition ? "dotted" : "dashed", opacity: step.hour ? 1 : 0.6 },
        endLabel: { show: false },
      });
    }
  }
  return lines;
}

function traceSeries(data, panel, index) {
  return panel.traces.map((trace, n) => {
    const colour = css(COLOURS[trace.kind] ?? "--series-1");
    const bar = trace.kind === "given" || (trace.kind === "computed" && n === 0);
    const points = trace.values.map((value, at) => {
      const doubtful = Boolean(trace.flags[at] || trace.marks[at]);
      const revised = trace.revised.includes(at);
      return {
        value: [data.hours[at], value],
        symbol: doubtful || revised ? "circle" : "none",
        symbolSize: revised ? 8 : 6,
        itemStyle: bar ? undefined : { color: doubtful ? css("--surface") : colour, borderColor: colour, borderWidth: 1.5 },
      };
    });
    const areas = n === 0 ? bandAreas(data, panel) : [];
    return {
      type: bar ? "bar" : "line", xAxisIndex: index, yAxisIndex: index, data: points, connectNulls: false, showAllSymbol: true, z: 3,
      barMaxWidth: 10, itemStyle: { color: colour }, lineStyle: { color: colour, width: 1.5, type: trace.kind === "computed" ? "dashed" : "solid" },
      markArea: areas.length ? { silent: true, data: areas } : undefined,
    };
  });
}

function option(data, width, room) {
  const most = (room - LANE * 2 - AXIS) / data.panels.length - TITLE - 8;
  const high = Math.max(28, Math.min(width < NARROW ? 84 : 104, most));
  const soft = css("--soft");
  const lanes = LANE * 2;
  const left = 46;
  let top = 2;
  const grids = [{ left, right: 10, top, height: lanes }];
  const titles = [data.words.tag, data.words.flags].map((text, n) => ({ text, left: 0, top: LANE * n + 5, padding: 0, textStyle: { fontSize: 11, fontWeight: 400, color: soft } }));
  top += lanes;
  for (const panel of data.panels) {
    titles.push({ text: title(data, panel), left: 0, top: top + 10, padding: 0, textStyle: { rich: rich(), fontSize: 12, fontWeight: 400, color: soft } });
    grids.push({ left, right: 10, top: top + TITLE + 8, height: high });
    top += TITLE + 8 + high;
  }
  const last = grids.length - 1;
  const xAxis = grids.map((_grid, n) => ({
    type: "time", gridIndex: n, min: data.hours[0], max: data.until, axisTick: { show: n === last },
    axisLine: { show: n > 0, lineStyle: { color: css("--line-strong") } },
    axisLabel: { show: n === last, color: soft, hideOverlap: true }, splitLine: { show: n > 0, lineStyle: { color: css("--line"), opacity: 0.5 } },
    axisPointer: { label: { show: false } },
  }));
  const yAxis = grids.map((_grid, n) => {
    if (n === 0) return { type: "value", gridIndex: 0, min: 0, max: 2, show: false };
    const { highest, lowest, fromZero: near } = shapeOf(data.panels[n - 1]);
    const fromZero = near || (lowest >= 0 && data.panels[n - 1].traces.some((t) => t.kind === "given" || t.kind === "computed"));
    return {
      type: "value", gridIndex: n, scale: true, min: fromZero ? 0 : lowest - (highest - lowest) * 0.08, max: highest + (highest - (fromZero ? 0 : lowest)) * 0.06 || 1,
      splitNumber: 3, axisLabel: { color: soft, showMinLabel: fromZero, showMaxLabel: false, formatter: (v) => Number(v.toPrecision(3)).toString() }, splitLine: { lineStyle: { color: css("--line") } },
    };
  });
  return {
    height: top + AXIS,
    chart: {
      animation: false, useUTC: false, textStyle: { fontFamily: css("--font") }, title: titles, grid: grids, xAxis, yAxis,
      axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: css("--line-strong") } },
      tooltip: {
        trigger: "axis", showContent: width >= NARROW, confine: true, transitionDuration: 0,
        position: (at, _params, _dom, _rect, size) => [at[0] > size.viewSize[0] / 2 ? Math.max(left, at[0] - size.contentSize[0] - 24) : at[0] + 24, Math.max(0, Math.min(at[1] - 40, size.viewSize[1] - size.contentSize[1]))], backgroundColor: css("--surface"), borderColor: css("--line-strong"), padding: 8,
        textStyle: { color: css("--text"), fontSize: 12 }, formatter: (params) => tooltip(data, hourOf(data, (Array.isArray(params) ? params[0] : params).axisValue)),
      },
      series: [laneSeries(data, width - left - 10), ...data.panels.flatMap((p, n) => [...traceSeries(data, p, n + 1), ...limitSeries(p, n + 1)])],
    },
  };
}

function hourOf(data, moment) {
  const first = Date.parse(data.hours[0].replace(" ", "T"));
  return Math.min(data.hours.length - 1, Math.max(0, Math.round((moment - first) / 3600000)));
}

async function draw(box) {
  const answer = await fetch(box.dataset.aligned, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    box.textContent = (await answer.json().catch(() => ({}))).message ?? `${answer.status} ${answer.statusText}`;
    box.dataset.drawn = "no";
    return;
  }
  const data = await answer.json();
  const readout = document.getElementById("readout");
  const opens = (item, stamp) => `${data.hourHref}?${new URLSearchParams({ item, at: stamp.replace(" ", "T"), ...(data.asOf ? { as_of: data.asOf } : {}) })}`;
  const chart = echarts.init(box, null, { renderer: "canvas" });
  let at = data.hours.length - 1;
  const show = (width = box.clientWidth, room = Infinity) => {
    const made = option(data, width, room);
    box.style.height = `${made.height}px`;
    chart.resize({ width, height: made.height });
    chart.setOption(made.chart, true);
    chart.getZr().flush();
  };
  // On paper: one A4 page, in the light colours.
  const theme = document.documentElement.dataset.theme;
  window.addEventListener("beforeprint", () => {
    document.documentElement.dataset.theme = "light";
    show(...PAPER);
  });
  window.addEventListener("afterprint", () => {
    if (theme === undefined) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    show();
  });
  const moveTo = (index) => {
    at = Math.min(data.hours.length - 1, Math.max(0, index));
    chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: at });
    readOut(readout, data, at, opens);
  };
  show();
  chart.on("updateAxisPointer", (event) => {
    const moment = event.axesInfo?.[0]?.value;
    if (moment === undefined) return;
    const index = hourOf(data, moment);
    if (index !== at) {
      at = index;
      readOut(readout, data, at, opens);
    }
  });
  const keys = { ArrowLeft: () => at - 1, ArrowRight: () => at + 1, PageUp: () => at - 24, PageDown: () => at + 24, Home: () => 0, End: () => data.hours.length - 1 };
  box.addEventListener("keydown", (event) => {
    if (!(event.key in keys)) return;
    event.preventDefault();
    moveTo(keys[event.key]());
  });
  let wide = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth !== wide) {
      wide = box.clientWidth;
      show();
    }
  }).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show());
  box.dataset.drawn = "yes";
}

for (const box of document.querySelectorAll("[data-aligned]")) draw(box);
