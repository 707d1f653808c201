/** How plots look: the page's colours and letters, its language and direction. */

const lang = document.documentElement.lang;
const rtl = document.documentElement.dir === "rtl";
const numbers = new Intl.NumberFormat(lang);
export const shortDay = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", timeZone: "UTC" });
const longDay = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" });

/** What the tokens of the page mean now, in a notation that every canvas knows. */
export function palette(place) {
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

export function look(kind, colours, at) {
  const colour = colours.series[at];
  if (kind === "bar") return { backgroundColor: colour, hoverBackgroundColor: colours.strong[at], borderRadius: 3, maxBarThickness: 26 };
  return { borderColor: colour, backgroundColor: colours.soft, pointBackgroundColor: colour, pointHoverBackgroundColor: colour, fill: true, borderWidth: 2, pointRadius: 0, pointHitRadius: 12, pointHoverRadius: 4, tension: 0.25 };
}

const font = () => ({ family: getComputedStyle(document.body).fontFamily, size: 12 });
const bare = { display: false };

export function dayScales({ muted, line }) {
  const ticks = { color: muted, font: font() };
  return {
    x: { reverse: rtl, grid: bare, border: { color: line }, ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 18 } },
    y: { position: rtl ? "right" : "left", beginAtZero: true, suggestedMax: 4, grid: { color: line }, border: bare, ticks: { ...ticks, precision: 0, maxTicksLimit: 6 } },
  };
}

export function acrossScales({ ink, muted, line }) {
  return {
    x: { reverse: rtl, beginAtZero: true, suggestedMax: 4, grid: { color: line }, border: bare, ticks: { color: muted, font: font(), precision: 0, maxTicksLimit: 6 } },
    y: { position: rtl ? "right" : "left", grid: bare, border: { color: line }, ticks: { color: ink, font: font(), autoSkip: false } },
  };
}

export function legend(names, { ink }) {
  return { display: names.length > 1, rtl, align: "start", labels: { color: ink, font: font(), boxWidth: 12, boxHeight: 12, useBorderRadius: true, borderRadius: 3 } };
}

const spanOf = ({ name, days }) => (days ? longDay.formatRange(days[0], days.at(-1)) : name);

export function tooltip(rows, { raised, ink, line }) {
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
      title: ([{ dataIndex }]) => spanOf(rows[dataIndex]),
      label: ({ dataset, raw }) => ` ${dataset.label}: ${numbers.format(raw)}`,
    },
  };
}
