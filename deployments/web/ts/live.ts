// Live updates over Socket.IO: one connection, rooms that resume where they were, nothing twice.

import { io, type Socket } from "socket.io-client";

export type LiveState = "up" | "slow" | "down";

export interface Mark {
  readonly offset: number;
  readonly epoch: string;
}

export interface LiveMessage extends Mark {
  readonly kind: "notification" | "progress" | "changed" | "tokens" | "presence";
  readonly at: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Listener {
  onMessage(message: LiveMessage): void;
  /** Messages are gone that this page has not seen: what it shows may be old. */
  onLost(): void;
}

type Answer =
  | (Mark & { ok: true; complete: boolean; messages: LiveMessage[] })
  | { ok: false; error: { type: string; detail: string } };

interface Joined {
  readonly listener: Listener;
  mark: Mark | null;
  /** Messages that came while the room was being joined; null once it is. */
  early: LiveMessage[] | null;
}

const ANSWER_MS = 8_000;
const RETRY_MS = 2_000;
const REMEMBERED_IDS = 200;
const IDS = "mch-live-ids";

export class Live {
  private readonly socket: Socket;
  private readonly rooms = new Map<string, Joined>();
  private readonly seen = new Set<string>(recall<string[]>(IDS) ?? []);
  private feedIsUp = true;

  constructor(private readonly onState: (state: LiveState) => void) {
    this.socket = io({
      path: "/socket.io",
      transports: ["websocket"],
      reconnectionDelay: 500,
      reconnectionDelayMax: 8_000,
      randomizationFactor: 0.5,
      autoConnect: false,
    });
    this.socket.on("connect", () => this.enterAll());
    this.socket.on("disconnect", (reason) => {
      this.tell();
      if (reason === "io server disconnect") this.later(() => this.socket.connect());
    });
    this.socket.on("connect_error", () => {
      this.tell();
      if (!this.socket.active) this.later(() => this.socket.connect());
    });
    this.socket.on("message", (room: string, message: LiveMessage) => this.take(room, message));
    this.socket.on("feed", (feed: { state: "up" | "down" }) => {
      this.feedIsUp = feed.state === "up";
      this.tell();
    });
  }

  /** Listen in a room, from `mark` on; without one, from where this tab last was. */
  join(room: string, listener: Listener, mark: Mark | null = null): void {
    const from = mark ?? recall<Mark>(`mch-live:${room}`);
    this.rooms.set(room, { listener, mark: from, early: [] });
    if (this.socket.connected) void this.enter(room);
    else this.socket.connect();
  }

  private enterAll(): void {
    this.feedIsUp = true;
    for (const joined of this.rooms.values()) joined.early = [];
    this.tell();
    for (const room of this.rooms.keys()) void this.enter(room);
  }

  private async enter(room: string): Promise<void> {
    const joined = this.rooms.get(room);
    if (!joined) return;
    const id = this.socket.id;
    const answer = await this.ask({ room, ...joined.mark });
    if (id !== this.socket.id) return; // Another connection has begun, and joins anew.
    if (answer === null || (!answer.ok && answer.error.type === "Unavailable")) {
      this.later(() => void this.enter(room));
      return;
    }
    if (answer.ok) this.catchUp(room, joined, answer);
    else this.rooms.delete(room);
    this.tell();
  }

  private async ask(request: object): Promise<Answer | null> {
    try {
      return (await this.socket.timeout(ANSWER_MS).emitWithAck("join", request)) as Answer;
    } catch {
      return null; // No answer in time, or the connection went away.
    }
  }

  private catchUp(room: string, joined: Joined, answer: Answer & { ok: true }): void {
    const early = joined.early ?? [];
    joined.early = null;
    if (!answer.complete) {
      joined.mark = null;
      joined.listener.onLost();
    }
    for (const message of answer.messages) this.deliver(room, joined, message);
    this.remember(room, joined, { offset: answer.offset, epoch: answer.epoch });
    for (const message of early) this.deliver(room, joined, message);
  }

  private take(room: string, message: LiveMessage): void {
    const joined = this.rooms.get(room);
    if (joined?.early) joined.early.push(message);
    else if (joined) this.deliver(room, joined, message);
  }

  private deliver(room: string, joined: Joined, message: LiveMessage): void {
    const { mark } = joined;
    if (mark && mark.epoch === message.epoch && message.offset <= mark.offset) return;
    const follows = mark?.epoch === message.epoch || mark?.epoch === "";
    if (mark && !(follows && message.offset === mark.offset + 1)) joined.listener.onLost();
    this.remember(room, joined, message);
    if (this.isNew(message.body["id"])) joined.listener.onMessage(message);
  }

  private remember(room: string, joined: Joined, { offset, epoch }: Mark): void {
    joined.mark = { offset, epoch };
    keep(`mch-live:${room}`, joined.mark);
  }

  /** A crash may make the hub say a thing twice, under one id. */
  private isNew(id: unknown): boolean {
    if (typeof id !== "string") return true;
    if (this.seen.has(id)) return false;
    this.seen.add(id);
    for (const oldest of this.seen) {
      if (this.seen.size <= REMEMBERED_IDS) break;
      this.seen.delete(oldest);
    }
    keep(IDS, [...this.seen]);
    return true;
  }

  private tell(): void {
    const entering = [...this.rooms.values()].some((joined) => joined.early !== null);
    if (!this.socket.connected || !this.feedIsUp) this.onState("down");
    else this.onState(entering ? "slow" : "up");
  }

  private later(act: () => void): void {
    window.setTimeout(act, RETRY_MS * (0.5 + Math.random()));
  }
}

/** What this tab kept, or null: a browser may refuse storage. */
function recall<T>(key: string): T | null {
  try {
    const kept = sessionStorage.getItem(key);
    return kept === null ? null : (JSON.parse(kept) as T);
  } catch {
    return null;
  }
}

function keep(key: string, value: unknown): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Without storage the next page starts where the feed stands then.
  }
}
