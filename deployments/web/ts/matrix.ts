// The compliance matrix: a change of one field is saved at once; without script a button saves the row.

import { showToast } from "./toasts";

interface Row {
  readonly status: string;
  readonly assignee: string | null;
}

interface Answer {
  readonly version: number;
  readonly rows: readonly Row[];
}

export function editMatrix(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-matrix-edit]")) {
    form.addEventListener("change", (event) => void save(form, event.target));
  }
  document.querySelector("[data-selects-all]")?.addEventListener("change", (event) => {
    const all = event.target;
    if (all instanceof HTMLInputElement) selectAll(all.checked);
  });
}

function selectAll(checked: boolean): void {
  for (const box of document.querySelectorAll<HTMLInputElement>('.req input[name="row"]')) box.checked = checked;
}

async function save(form: HTMLFormElement, field: EventTarget | null): Promise<void> {
  const url = form.dataset["matrixEdit"];
  const isField =
    field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement;
  if (!url || !isField) return;
  const article = form.closest<HTMLElement>(".req");
  const body = { rows: [article?.dataset["row"]], [field.name]: field.value, seen: Number(form.dataset["seen"]) };
  const response = await send(url, body);
  if (!response?.ok) return refuse(response?.status);
  const { version, rows } = (await response.json()) as Answer;
  form.dataset["seen"] = String(version);
  const seen = form.querySelector<HTMLInputElement>('input[name="seen"]');
  if (seen) seen.value = String(version);
  const [row] = rows;
  if (article && row) show(article, form, row);
}

async function send(url: string, body: object): Promise<Response | undefined> {
  try {
    return await fetch(url, {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    return undefined; // The hub is away: told below, like any refusal.
  }
}

function refuse(status: number | undefined): void {
  const text =
    status === 409
      ? "Someone else changed this row while you edited it. Nothing was overwritten. Load the page again to see their change."
      : "The hub did not take the change. What you typed is still here; try again in a moment.";
  showToast({ title: "Not saved", text, icon: "alert", tone: "danger" });
}

function show(article: HTMLElement, form: HTMLFormElement, row: Row): void {
  const status = form.querySelector<HTMLSelectElement>('select[name="status"]');
  const badge = article.querySelector<HTMLElement>("[data-status] .badge");
  const word = status?.selectedOptions[0]?.textContent;
  if (badge && word && badge.textContent?.trim() !== word) {
    badge.textContent = word;
    delete badge.dataset["tone"];
  }
  const assignee = article.querySelector<HTMLElement>("[data-assignee]");
  if (assignee) assignee.textContent = row.assignee ?? "Unassigned";
}
