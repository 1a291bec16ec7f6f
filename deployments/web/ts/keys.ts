// The keyboard, as the table in the help dialog says. Single keys rest while one types.

const GO: Readonly<Record<string, string>> = {
  o: "/opportunities",
  d: "/documents",
  b: "/dashboard",
  y: "/system",
  n: "/notifications",
};
const ROW = ".row, .req";
const GO_WITHIN_MS = 1_500;

let goUntil = 0;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function titles(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>(".row h3 a, .req blockquote a")];
}

/** Focus moves to a row's title, so that Enter and the screen reader follow. */
function moveBy(step: 1 | -1): void {
  const all = titles();
  if (all.length === 0) return;
  const row = document.activeElement?.closest(ROW) ?? document.querySelector(".req[data-current]");
  const at = all.findIndex((title) => title.closest(ROW) === row);
  const next = at === -1 ? (step === 1 ? 0 : all.length - 1) : at + step;
  all[Math.min(Math.max(next, 0), all.length - 1)]?.focus();
}

function openRow(): void {
  document.activeElement?.closest(ROW)?.querySelector<HTMLAnchorElement>("h3 a, blockquote a")?.click();
}

function follow(selector: string): void {
  document.querySelector<HTMLAnchorElement>(selector)?.click();
}

function focusSearch(): void {
  const search = document.querySelector<HTMLInputElement>("#q, .find input, .search input");
  search?.focus();
  search?.select();
}

/** On a phone the filters are a sheet, on a wide screen a column that takes the focus. */
function showFilters(): void {
  const filters = document.querySelector<HTMLElement>("#filters");
  if (!filters) return;
  if (getComputedStyle(filters).display === "none") filters.showPopover();
  filters.querySelector<HTMLElement>("input, a")?.focus();
}

export function showKeys(): void {
  const dialog = document.querySelector<HTMLDialogElement>("#keys");
  if (dialog && !dialog.open) dialog.showModal();
}

const KEYS: Readonly<Record<string, () => void>> = {
  "/": focusSearch,
  "?": showKeys,
  j: () => moveBy(1),
  k: () => moveBy(-1),
  o: openRow,
  f: showFilters,
  "[": () => follow("a[rel='prev']"),
  "]": () => follow("a[rel='next']"),
  n: () => follow("a[data-hit-step='next']"),
  p: () => follow("a[data-hit-step='previous']"),
  "+": () => follow("a[data-zoom-step='in']"),
  "-": () => follow("a[data-zoom-step='out']"),
};

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const target = performance.now() < goUntil ? GO[event.key] : undefined;
  goUntil = event.key === "g" ? performance.now() + GO_WITHIN_MS : 0;
  if (target) {
    event.preventDefault();
    location.assign(target);
    return;
  }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

export function listenToKeys(): void {
  document.addEventListener("keydown", onKey);
  for (const opener of document.querySelectorAll("[data-opens-keys]")) {
    opener.addEventListener("click", showKeys);
  }
  for (const closer of document.querySelectorAll("dialog [data-closes]")) {
    closer.addEventListener("click", () => closer.closest("dialog")?.close());
  }
}
