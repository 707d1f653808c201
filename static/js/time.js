/** Times as the reader's own language, time zone and clock say them: those of their settings, else of the browser. */

import { word } from "./page.js";

const root = document.documentElement;
const page = root.lang || "en";
// The reader's own variety of the page's language: en-GB writes its days and hours otherwise than en-US.
const language = navigator.languages.find((tag) => tag.split("-")[0] === page.split("-")[0]) ?? page;
const CYCLES = { 12: "h12", 24: "h23" };
const NUMBERS = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
const DAY = 86_400_000;

const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

let formats = made();

/** The settings of the page have changed: from now on times are written anew. */
export function changeClock() {
  formats = made();
}

function made() {
  const timeZone = knownZone(root.dataset.timeZone);
  const hourCycle = CYCLES[root.dataset.clock];
  const format = (options, cycle) => new Intl.DateTimeFormat(language, { ...options, timeZone, hourCycle: cycle });
  const isTwelve = /^h1[12]$/.test(format({ hour: "numeric" }, hourCycle).resolvedOptions().hourCycle);
  return {
    time: format({ hour: isTwelve ? "numeric" : "2-digit", minute: "2-digit" }, hourCycle),
    date: format({ dateStyle: "medium" }),
    datetime: format({ dateStyle: "medium", timeStyle: "short" }, hourCycle),
    full: format({ dateStyle: "full", timeStyle: "short" }, hourCycle),
    parts: new Intl.DateTimeFormat("en", { ...NUMBERS, timeZone, hourCycle: "h23" }),
  };
}

/** The zone of the settings, if this browser knows it. */
function knownZone(zone) {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone || undefined }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

// A day is named by its noon, which lies in it whatever the zone.
const days = {
  day: new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" }),
  dayOfYear: new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
};

/** What the reader's clock and calendar show at that time, as if it were UTC (milliseconds). */
function wallClock(date) {
  const [month, day, year, hour, minute, second] = formats.parts.format(date).match(/\d+/g).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** `2026-11-21` of a time, where the reader is. */
export function dayOf(date) {
  if (root.dataset.timeZone) return new Date(wallClock(date)).toISOString().slice(0, 10);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** How many minutes the reader's clock is behind UTC when `day` begins. */
export function offsetAt(day) {
  const midnight = Date.parse(`${day}T00:00Z`);
  const behind = (time) => time - wallClock(new Date(time));
  return Math.round(behind(midnight + behind(midnight)) / 60_000);
}

/** "Today", "Yesterday", or the day's name and date. */
export function dayName(day, now = new Date()) {
  if (day === dayOf(now)) return word("today");
  if (day === dayOf(new Date(now - DAY))) return word("yesterday");
  const date = new Date(`${day}T12:00:00`);
  const format = day.slice(0, 4) === dayOf(now).slice(0, 4) ? days.day : days.dayOfYear;
  return format.format(date);
}

/** A time in words: `time`, `date`, `datetime`, `full`, or `relative` ("3 minutes ago"). */
export function timeText(date, format = "time") {
  if (format !== "relative") return formats[format].format(date);
  const seconds = (date - Date.now()) / 1000;
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ["second", 1];
  return unit === "second" ? word("just_now") : relative.format(Math.round(seconds / size), unit);
}
