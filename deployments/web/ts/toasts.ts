// Toasts: one at a time, bottom right, 8 s, paused while read; errors stay until dismissed.

export interface Toast {
  readonly title: string;
  readonly text: string;
  /** Where `text` leads; plain text without it. */
  readonly href?: string;
  readonly icon: string;
  readonly tone?: "danger";
}

const SHOWN_MS = 8_000;
const MOST_WAITING = 3;
const SVG = "http://www.w3.org/2000/svg";

const waiting: Toast[] = [];
let leftOut = 0;
let showing = false;

/** After a burst the last of them tells of the rest: nobody reads fifty in a row. */
export function showToast(toast: Toast): void {
  if (toast.tone !== "danger" && waiting.length >= MOST_WAITING) leftOut += 1;
  else waiting.push(toast);
  if (!showing) showNext();
}

function showNext(): void {
  const toast = waiting.shift() ?? theRest();
  showing = toast !== undefined;
  if (toast) place(toast);
}

function theRest(): Toast | undefined {
  if (leftOut === 0) return undefined;
  const title = `${leftOut} more`;
  leftOut = 0;
  return { title, text: "Show all notifications", href: "/notifications", icon: "bell" };
}

function place(toast: Toast): void {
  const element = build(toast);
  const dismiss = (): void => {
    element.remove();
    showNext();
  };
  element.querySelector("button")?.addEventListener("click", dismiss);
  container().append(element);
  if (toast.tone !== "danger") dismissUnread(element, dismiss);
}

/** The clock starts again after each look at it. */
function dismissUnread(element: HTMLElement, dismiss: () => void): void {
  let timer = window.setTimeout(dismiss, SHOWN_MS);
  const pause = (): void => window.clearTimeout(timer);
  const resume = (): void => {
    pause();
    if (element.isConnected && !element.matches(":hover, :focus-within")) {
      timer = window.setTimeout(dismiss, SHOWN_MS);
    }
  };
  for (const start of ["mouseenter", "focusin"]) element.addEventListener(start, pause);
  for (const end of ["mouseleave", "focusout"]) {
    element.addEventListener(end, () => window.setTimeout(resume));
  }
  element.querySelector("button")?.addEventListener("click", pause);
}

/** There from the start where the page has it, so that screen readers hear what enters it. */
function container(): Element {
  const found = document.querySelector(".toasts");
  if (found) return found;
  const made = document.createElement("div");
  made.className = "toasts";
  made.setAttribute("role", "status");
  made.setAttribute("aria-label", "Notifications");
  document.body.append(made);
  return made;
}

function build(toast: Toast): HTMLElement {
  const element = document.createElement("div");
  element.className = "toast";
  if (toast.tone) {
    element.dataset["tone"] = toast.tone;
    element.setAttribute("role", "alert");
  }
  const words = document.createElement("div");
  const title = document.createElement("b");
  title.textContent = toast.title;
  const text = document.createElement("p");
  text.append(toast.href ? link(toast.href, toast.text) : toast.text);
  words.append(title, text);
  const button = document.createElement("button");
  button.className = "icon-btn";
  button.type = "button";
  button.setAttribute("aria-label", "Dismiss");
  button.append(icon("x"));
  element.append(icon(toast.icon), words, button);
  return element;
}

function link(href: string, text: string): HTMLAnchorElement {
  const anchor = document.createElement("a");
  anchor.href = href;
  anchor.textContent = text;
  return anchor;
}

/** One of the page's symbols. */
function icon(name: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}
