// The viewer: pages turn and places open without loading the matrix and the thumbnails again.
//
//   <div data-viewer="/documents/<id>" data-shows="page|matrix"> with <section id="page">, .thumbs and .req[data-row]
//   <a data-place href="/documents/<id>?page=5&row=…"> and <form data-place> lead to a place in it
//   <nav data-parts> with <a data-part="page|matrix"> are the tabs of a narrow screen
//
// The address is always that of the whole page: it can be sent, loaded anew, and gone back to.

import { showToast } from "./toasts";

const PAGE = "#page";

let asked = 0;

export function turnPages(): void {
  const viewer = document.querySelector<HTMLElement>("[data-viewer]");
  if (!viewer) return;
  document.addEventListener("click", (event) => followLink(viewer, event));
  document.addEventListener("submit", (event) => followForm(viewer, event));
  window.addEventListener("popstate", () => void show(viewer, new URL(location.href)));
  for (const part of document.querySelectorAll<HTMLAnchorElement>("[data-part]")) {
    part.addEventListener("click", (event) => {
      event.preventDefault();
      showPart(viewer, part.dataset["part"] ?? "page");
    });
  }
  settle(viewer);
}

function followLink(viewer: HTMLElement, event: MouseEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = target?.closest<Element>("a[data-place]") ?? demandUnder(target, event);
  const href = link?.getAttribute("href");
  if (!href) return;
  const url = new URL(href, location.href);
  if (url.pathname !== viewer.dataset["viewer"]) return;
  event.preventDefault();
  void open(viewer, url);
}

/** The text of a page lies over its boxes, so that it can be selected: a plain click goes through to them. */
function demandUnder(target: Element | null, event: MouseEvent): Element | undefined {
  if (!target?.closest(".sheet") || document.getSelection()?.isCollapsed === false) return undefined;
  const under = document.elementsFromPoint(event.clientX, event.clientY);
  return under.map((element) => element.closest("a[data-demand]")).find((link) => link !== null) ?? undefined;
}

function followForm(viewer: HTMLElement, event: SubmitEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-place]")) return;
  event.preventDefault();
  const words = form.querySelector<HTMLInputElement>("input[type='search']");
  const next = viewer.querySelector<HTMLAnchorElement>("a[data-hit-step='next']");
  if (words && words.value === words.defaultValue && next) {
    next.click(); // Enter once more is the next place, as in every other search within a page.
    return;
  }
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (value !== "") url.searchParams.append(name, String(value));
  void open(viewer, url);
}

async function open(viewer: HTMLElement, url: URL): Promise<void> {
  showPart(viewer, "page");
  if (await show(viewer, url)) history.pushState(null, "", url);
}

/** False where another place was asked for since, or the hub did not answer. */
async function show(viewer: HTMLElement, url: URL): Promise<boolean> {
  const turn = ++asked;
  const html = await fetchPage(`${url.pathname}/page${url.search}`);
  if (turn !== asked) return false;
  const fresh = html && new DOMParser().parseFromString(html, "text/html").querySelector(PAGE);
  const old = document.querySelector<HTMLElement>(PAGE);
  if (!fresh || !old) {
    showToast({ title: "The page was not opened", text: "The hub did not answer. Try it again in a moment.", icon: "alert", tone: "danger" });
    return false;
  }
  const focused = describeFocus(old);
  old.replaceWith(fresh);
  if (focused) document.querySelector<HTMLElement>(focused)?.focus({ preventScroll: true });
  settle(viewer);
  return true;
}

async function fetchPage(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { headers: { accept: "text/html" } });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined; // The hub is away: told by the caller, like any refusal.
  }
}

/** How to find again what had the focus in the pane that is replaced. */
function describeFocus(pane: HTMLElement): string | undefined {
  const focused = document.activeElement;
  if (!focused || !pane.contains(focused)) return undefined;
  const label = focused.getAttribute("aria-label");
  return label ? `${PAGE} [aria-label="${CSS.escape(label)}"]` : focused.id ? `#${CSS.escape(focused.id)}` : PAGE;
}

/** Thumbnails, rows and the title follow the page that is shown; what is marked comes into view. */
function settle(viewer: HTMLElement): void {
  const pane = document.querySelector<HTMLElement>(PAGE);
  const number = pane?.dataset["number"];
  if (!pane || !number) return;
  for (const thumb of viewer.querySelectorAll<HTMLElement>(".thumbs a[aria-current]")) thumb.removeAttribute("aria-current");
  const thumb = viewer.querySelector<HTMLElement>(`.thumbs a[data-page="${CSS.escape(number)}"]`);
  thumb?.setAttribute("aria-current", "page");
  thumb?.scrollIntoView({ block: "nearest" });
  markRow(viewer, pane.dataset["rowShown"] ?? "");
  const marked = pane.querySelector("[data-demand][aria-current], .pointed, .found[data-current], .found");
  if (marked) marked.scrollIntoView({ block: "center" });
  else pane.scrollTo({ top: 0 });
  document.title = document.title.replace(/^Page \d+/, `Page ${number}`);
}

function markRow(viewer: HTMLElement, key: string): void {
  for (const row of viewer.querySelectorAll<HTMLElement>(".req[data-current]")) delete row.dataset["current"];
  const row = key ? viewer.querySelector<HTMLElement>(`.req[data-row="${CSS.escape(key)}"]`) : null;
  if (!row) return;
  row.dataset["current"] = "";
  row.scrollIntoView({ block: "nearest" });
}

function showPart(viewer: HTMLElement, part: string): void {
  viewer.dataset["shows"] = part;
  for (const tab of document.querySelectorAll<HTMLElement>("[data-part]")) {
    if (tab.dataset["part"] === part) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}
