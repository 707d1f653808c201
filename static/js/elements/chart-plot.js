/** <chart-plot>: draws the table that it holds; `data-kind` is bar, line (by day, the newest row first) or across (by name).
 * The table stays, folded, for whoever would rather read. Nothing moves; the colours are the page's. */

import { acrossScales, dayScales, legend, look, palette, shortDay, tooltip } from "../chart-look.js";

const ACROSS_MAX = 12;
const ROW = 30;
// More days than this are drawn a week at a time.
const DAYS_MAX = 120;

let library = null;

/** Chart.js as published: a classic script that leaves its name behind. */
async function chartLibrary() {
  library ??= import("../../vendor/chart/chart.umd.min.js");
  await library;
  return globalThis.Chart;
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
    const table = this.#across ? folded(read(this), this.dataset.rest) : weekly(read(this), this.dataset.kind === "line");
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
        labels: rows.map(({ name, days }) => (days ? shortDay.format(days[0]) : isolated(name))),
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

/** The table as { names, rows: [{ name, days, values }] }; days in order of time. */
function read(place) {
  const names = [...place.querySelectorAll("thead th")].slice(1).map((cell) => cell.textContent);
  const rows = [...place.querySelectorAll("tbody tr")].map((row) => {
    const time = row.querySelector("time");
    return {
      name: row.cells[0].textContent.trim(),
      days: time && [new Date(`${time.dateTime}T00:00Z`)],
      values: [...row.cells].slice(1).map(({ dataset }) => Number(dataset.value)),
    };
  });
  return { names, rows: rows[0]?.days ? rows.reverse() : rows };
}

/** The first rows, and the sum of the others as one more. */
function folded({ names, rows }, rest) {
  if (rows.length <= ACROSS_MAX) return { names, rows };
  const more = rows.slice(ACROSS_MAX - 1).reduce((sum, { values }) => sum + values[0], 0);
  return { names, rows: [...rows.slice(0, ACROSS_MAX - 1), { name: rest, days: null, values: [more] }] };
}

/** Seven days as one row, today's the last: their sum, or what was usual. */
function weekly({ names, rows }, usual) {
  if (rows.length <= DAYS_MAX) return { names, rows };
  const weeks = [];
  for (let end = rows.length; end >= 7; end -= 7) {
    const days = rows.slice(end - 7, end);
    const sums = names.map((_name, at) => days.reduce((sum, { values }) => sum + values[at], 0));
    const values = usual ? sums.map((sum) => Math.round((sum / 7) * 10) / 10) : sums;
    weeks.unshift({ name: "", days: [days[0].days[0], days[6].days[0]], values });
  }
  return { names, rows: weeks };
}

/** A name keeps its direction beside others of another one. */
const isolated = (name) => `\u2068${name.length > 22 ? `${name.slice(0, 21)}…` : name}\u2069`;

customElements.define("chart-plot", ChartPlot);
