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
  const text = (element.dataset["form"] === "short" ? short : moment).format(at);
  if (!element.title) element.title = element.textContent?.trim() ?? "";
  element.textContent = text;
}

/** A date without a time (`2026-04-17`) is the notice's own day and is never moved. */
export function localizeTimes(root: ParentNode = document): void {
  if (new Intl.DateTimeFormat().resolvedOptions().timeZone === SERVER_ZONE) return;
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[datetime*='T']")) {
    inReadersZone(element);
  }
}
