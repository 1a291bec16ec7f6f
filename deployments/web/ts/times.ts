// Times in the reader's own zone: the server names Eastern time, this replaces it where it differs.

const SERVER_ZONE = "America/New_York";
const moment = new Intl.DateTimeFormat("en-US", {
  weekday: "short",
  month: "short",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
  timeZoneName: "short",
});
const long = new Intl.DateTimeFormat("en-US", {
  weekday: "short",
  month: "short",
  day: "numeric",
  year: "numeric",
  hour: "numeric",
  minute: "2-digit",
  timeZoneName: "short",
});
const short = new Intl.DateTimeFormat("en-US", {
  month: "short",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
  timeZoneName: "short",
});

function inReadersZone(element: HTMLTimeElement): void {
  const at = new Date(element.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const forms: Readonly<Record<string, Intl.DateTimeFormat>> = { short, long };
  const text = (forms[element.dataset["form"] ?? ""] ?? moment).format(at);
  if (!element.title) element.title = element.textContent?.trim() ?? "";
  element.textContent = text;
}

/** A date without a time, or a time without a zone, is the notice's own and is never moved. */
export function localizeTimes(root: ParentNode = document): void {
  if (new Intl.DateTimeFormat().resolvedOptions().timeZone === SERVER_ZONE) return;
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[datetime$='Z']")) {
    inReadersZone(element);
  }
}
