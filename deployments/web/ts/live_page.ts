// What live updates do to a page. The server renders all of this; without script it stays as it is.
//
//   <body data-live-rooms="user:<id> dashboard:opportunities opportunity:<id>">   the rooms to join
//   <body data-live-marks='{"<room>": {"offset": 3, "epoch": "…"}}'>   where they stood when the page was rendered
//   <p data-live data-state="off" role="status"> with <span data-live-text>
//   <a data-unread="3" data-count-url="…"> the bell
//   <span data-unread-count hidden> wherever the page tells how many are unread: the bell and the side bar
//   <div data-live-news hidden> with <b data-live-count>; data-live-only="medical" counts medical notices alone
//   <div data-live-changed hidden> shown when the page's notice has changed

import { Live, type LiveMessage, type LiveState, type Mark } from "./live";
import { showProgress } from "./documents";
import { showToast, type Toast } from "./toasts";

const NO_MARKS: Readonly<Record<string, Mark>> = {};

export function startLive(): void {
  const rooms = document.body.dataset["liveRooms"]?.split(" ").filter(Boolean) ?? [];
  if (rooms.length === 0) return;
  const marks = readMarks();
  const live = new Live(showState());
  for (const room of rooms) {
    live.join(room, { onMessage: (message) => show(room, message), onLost: () => lost(room) }, marks[room]);
  }
}

function readMarks(): Readonly<Record<string, Mark>> {
  const marks = document.body.dataset["liveMarks"];
  return marks ? (JSON.parse(marks) as Record<string, Mark>) : NO_MARKS;
}

/** Tells the topbar, and since when if it is cut off. */
function showState(): (state: LiveState) => void {
  let since = new Date();
  let last: LiveState | null = null;
  return (state) => {
    if (state === last) return;
    if (state === "down") since = new Date();
    last = state;
    const words = { up: "Live", slow: "Catching up", down: `Cut off since ${clock(since)}` };
    for (const element of document.querySelectorAll<HTMLElement>("[data-live]")) {
      element.dataset["state"] = state;
      for (const text of element.querySelectorAll("[data-live-text]")) text.textContent = words[state];
    }
  };
}

function clock(moment: Date): string {
  return moment.toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
}

function show(room: string, message: LiveMessage): void {
  if (message.kind === "notification") notify(message.body);
  if (message.kind === "progress") showProgress(message.body);
  if (message.kind !== "changed") return;
  if (room.startsWith("dashboard:")) announce(message.body);
  if (room.startsWith("opportunity:")) reveal("[data-live-changed]");
}

function notify(body: LiveMessage["body"]): void {
  const kinds: Readonly<Record<string, (body: LiveMessage["body"]) => Toast>> = { amendment: amended, document: read };
  showToast((kinds[String(body["kind"])] ?? matched)(body));
  setBell((unread) => unread + 1);
}

function read(body: LiveMessage["body"]): Toast {
  const href = `/documents/${encodeURIComponent(String(body["document_id"]))}`;
  return { title: "Reading it has ended", text: String(body["title"] ?? "A document"), href, icon: "file" };
}

function matched(body: LiveMessage["body"]): Toast {
  const noticeId = String(body["notice_id"]);
  const score = body["score"];
  return {
    title: typeof score === "number" ? `New match, fit ${score}` : "New match",
    text: String(body["title"] ?? noticeId),
    href: `/opportunities/${encodeURIComponent(noticeId)}`,
    icon: "bell",
  };
}

function amended(body: LiveMessage["body"]): Toast {
  return {
    title: "An amendment touches requirements of yours",
    text: String(body["title"] ?? "Compliance matrix"),
    href: `/documents/${encodeURIComponent(String(body["document_id"]))}/matrix?touched=any`,
    icon: "file",
  };
}

function setBell(change: (unread: number) => number): void {
  for (const bell of document.querySelectorAll<HTMLElement>("[data-unread]")) {
    const unread = change(Number(bell.dataset["unread"]));
    bell.dataset["unread"] = String(unread);
    bell.setAttribute("aria-label", `Notifications, ${unread} unread`);
    showUnread(unread);
  }
}

/** Wherever the page counts them, it tells the same number: the bell's. */
function showUnread(unread: number): void {
  for (const count of document.querySelectorAll<HTMLElement>("[data-unread-count]")) {
    count.textContent = String(unread);
    count.hidden = unread === 0;
  }
}

const news = new Set<string>();

/** New rows announce themselves; they don't push what is being read. */
function announce(body: LiveMessage["body"]): void {
  const strip = document.querySelector<HTMLElement>("[data-live-news]");
  if (!strip) return;
  const only = strip.dataset["liveOnly"];
  const notices = body[only ?? "discovered"];
  if (Array.isArray(notices)) for (const notice of notices) news.add(String(notice));
  if (news.size === 0) return;
  for (const count of strip.querySelectorAll("[data-live-count]")) count.textContent = `${news.size} new`;
  strip.hidden = false;
}

/** Whatever was missed: the list and the notice say that there is more, the bell asks. */
function lost(room: string): void {
  if (room.startsWith("user:")) void recount();
  if (room.startsWith("opportunity:")) reveal("[data-live-changed]");
  if (room.startsWith("document:")) reveal("[data-reading-over]");
  if (room.startsWith("dashboard:")) {
    for (const count of document.querySelectorAll("[data-live-count]")) count.textContent = "Updates were missed";
    reveal("[data-live-news]");
  }
}

async function recount(): Promise<void> {
  const url = document.querySelector<HTMLElement>("[data-unread]")?.dataset["countUrl"];
  if (!url) return;
  const response = await fetch(url, { headers: { accept: "application/json" } });
  if (!response.ok) return;
  const { unread } = (await response.json()) as { unread: number };
  setBell(() => unread);
}

function reveal(selector: string): void {
  for (const element of document.querySelectorAll<HTMLElement>(selector)) element.hidden = false;
}
