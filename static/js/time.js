/** Times as the reader's own language and time zone say them. */

import { word } from "./page.js";

const page = document.documentElement.lang || "en";
// The reader's own variety of the page's language: en-GB writes its days and hours otherwise than en-US.
const language = navigator.languages.find((tag) => tag.split("-")[0] === page.split("-")[0]) ?? page;
const DAY = 86_400_000;

const formats = {
  time: new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }),
  date: new Intl.DateTimeFormat(language, { dateStyle: "medium" }),
  datetime: new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }),
  full: new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" }),
  day: new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" }),
  dayOfYear: new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
};
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** `2026-11-21` of a time, where the reader is. */
export function dayOf(date) {
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** "Today", "Yesterday", or the day's name and date. */
export function dayName(day, now = new Date()) {
  if (day === dayOf(now)) return word("today");
  if (day === dayOf(new Date(now - DAY))) return word("yesterday");
  const date = new Date(`${day}T12:00:00`);
  const format = date.getFullYear() === now.getFullYear() ? formats.day : formats.dayOfYear;
  return format.format(date);
}

/** A time in words: `time`, `date`, `datetime`, `full`, or `relative` ("3 minutes ago"). */
export function timeText(date, format = "time") {
  if (format !== "relative") return formats[format].format(date);
  const seconds = (date - Date.now()) / 1000;
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ["second", 1];
  return unit === "second" ? word("just_now") : relative.format(Math.round(seconds / size), unit);
}
