/** <chart-plot>: draws the table that it holds; `data-kind` is bar, line (by day, the newest row first) or across (by name).
 * The table stays, folded, for whoever would rather read. Nothing moves; the colours are the page's. */

const ACROSS_MAX = 12;
const ROW = 30;
const lang = document.documentElement.lang;
const rtl = document.documentElement.dir === "rtl";
const numbers = new Intl.NumberFormat(lang);
const shortDay = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", timeZone: "UTC" });
const longDay = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeZone: "UTC" });

let library = null;

/** Chart.js as published: a classic script that leaves its name behind. */
async function chartLibrary() {
  library ??= import("../../vendor/chart/chart.umd.min.js");
  await library;
  return globalThis.Chart;
}

/** What the tokens of the page mean now, in a notation that every canvas knows. */
function palette(place) {
  const probe = document.createElement("i");
  const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  place.append(probe);
  const read = (name, alpha = 1) => {
    probe.style.color = `var(--${name})`;
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = getComputedStyle(probe).color;
    pixel.fillRect(0, 0, 1, 1);
    const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
    return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
  };
  const found = {
    series: [read("accent"), read("mention")],
    strong: [read("accent-strong"), read("mention")],
    soft: read("accent", 0.14),
    ink: read("ink"),
    muted: read("ink-3"),
    line: read("line"),
    raised: read("raised"),
  };
  probe.remove();
  return found;
}

class ChartPlot extends HTMLElement {
  #chart = null;
  #watch = null;
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #redraw = () => this.#draw();

  connectedCallback() {
    this.querySelector("details").open = false;
    this.#draw().catch(() => this.#giveUp());
    this.#dark.addEventListener("change", this.#redraw);
    this.#watch = new MutationObserver(this.#redraw);
    this.#watch.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  disconnectedCallback() {
    this.#dark.removeEventListener("change", this.#redraw);
    this.#watch?.disconnect();
    this.#chart?.destroy();
  }

  /** Without the library the table is what there is. */
  #giveUp() {
    this.querySelector(".chart__plot")?.remove();
    this.querySelector("details").open = true;
  }

  async #draw() {
    const Chart = await chartLibrary();
    if (!this.isConnected) return;
    this.#chart?.destroy();
    const table = this.#across ? folded(read(this), this.dataset.rest) : read(this);
    const canvas = this.#canvas(table.rows.length);
    this.#chart = new Chart(canvas, this.#config(table, palette(this)));
  }

  get #across() {
    return this.dataset.kind === "across";
  }

  #canvas(rows) {
    let plot = this.querySelector(".chart__plot");
    if (!plot) {
      plot = document.createElement("div");
      plot.className = "chart__plot";
      this.prepend(plot);
    }
    const canvas = document.createElement("canvas");
    canvas.role = "img";
    canvas.ariaLabel = this.querySelector("caption").textContent;
    if (this.#across) plot.style.blockSize = `${rows * ROW + 40}px`;
    plot.replaceChildren(canvas);
    return canvas;
  }

  #config({ names, rows }, colours) {
    const kind = this.dataset.kind === "line" ? "line" : "bar";
    return {
      type: kind,
      data: {
        labels: rows.map(({ name, day }) => (day ? shortDay.format(day) : name)),
        datasets: names.map((label, at) => ({ label, data: rows.map(({ values }) => values[at]), ...look(kind, colours, at) })),
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        indexAxis: this.#across ? "y" : "x",
        interaction: { mode: "index", intersect: false, axis: this.#across ? "y" : "x" },
        scales: this.#across ? acrossScales(colours) : dayScales(colours),
        plugins: { legend: legend(names, colours), tooltip: tooltip(rows, colours) },
      },
    };
  }
}

/** The table as { names, rows: [{ name, day, values }] }; days in order of time. */
function read(place) {
  const names = [...place.querySelectorAll("thead th")].slice(1).map((cell) => cell.textContent);
  const rows = [...place.querySelectorAll("tbody tr")].map((row) => {
    const time = row.querySelector("time");
    return {
      name: row.cells[0].textContent.trim(),
      day: time && new Date(`${time.dateTime}T00:00Z`),
      values: [...row.cells].slice(1).map(({ dataset }) => Number(dataset.value)),
    };
  });
  return { names, rows: rows[0]?.day ? rows.reverse() : rows };
}

/** The first rows, and the sum of the others as one more. */
function folded({ names, rows }, rest) {
  if (rows.length <= ACROSS_MAX) return { names, rows };
  const more = rows.slice(ACROSS_MAX - 1).reduce((sum, { values }) => sum + values[0], 0);
  return { names, rows: [...rows.slice(0, ACROSS_MAX - 1), { name: rest, day: null, values: [more] }] };
}

function look(kind, colours, at) {
  const colour = colours.series[at];
  if (kind === "bar") return { backgroundColor: colour, hoverBackgroundColor: colours.strong[at], borderRadius: 3, maxBarThickness: 26 };
  return { borderColor: colour, backgroundColor: colours.soft, pointBackgroundColor: colour, pointHoverBackgroundColor: colour, fill: true, borderWidth: 2, pointRadius: 0, pointHitRadius: 12, pointHoverRadius: 4, tension: 0.25 };
}

const font = () => ({ family: getComputedStyle(document.body).fontFamily, size: 12 });
const bare = { display: false };

function dayScales({ muted, line }) {
  const ticks = { color: muted, font: font() };
  return {
    x: { reverse: rtl, grid: bare, border: { color: line }, ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 18 } },
    y: { position: rtl ? "right" : "left", beginAtZero: true, suggestedMax: 4, grid: { color: line }, border: bare, ticks: { ...ticks, precision: 0, maxTicksLimit: 6 } },
  };
}

function acrossScales({ ink, muted, line }) {
  const cut = (name) => (name.length > 22 ? `${name.slice(0, 21)}…` : name);
  return {
    x: { reverse: rtl, beginAtZero: true, suggestedMax: 4, grid: { color: line }, border: bare, ticks: { color: muted, font: font(), precision: 0, maxTicksLimit: 6 } },
    y: { position: rtl ? "right" : "left", grid: bare, border: { color: line }, ticks: { color: ink, font: font(), autoSkip: false, callback(value) { return cut(this.getLabelForValue(value)); } } },
  };
}

function legend(names, { ink }) {
  return { display: names.length > 1, rtl, align: "start", labels: { color: ink, font: font(), boxWidth: 12, boxHeight: 12, useBorderRadius: true, borderRadius: 3 } };
}

function tooltip(rows, { raised, ink, line }) {
  return {
    rtl,
    backgroundColor: raised,
    titleColor: ink,
    bodyColor: ink,
    borderColor: line,
    borderWidth: 1,
    padding: 10,
    titleFont: font(),
    bodyFont: font(),
    callbacks: {
      title: ([{ dataIndex }]) => (rows[dataIndex].day ? longDay.format(rows[dataIndex].day) : rows[dataIndex].name),
      label: ({ dataset, raw }) => ` ${dataset.label}: ${numbers.format(raw)}`,
    },
  };
}

customElements.define("chart-plot", ChartPlot);
