// Documents: how far an upload is, and how far the reading. Without script the form sends itself.
//
//   <form data-upload> with <progress data-upload-progress hidden> and <p data-upload-says role="status">
//   <div data-reading="<document id>"> with <progress>, [data-reading-says], [data-reading-left]
//   <div data-reading-over hidden> shown when the reading of the page's document has ended

import type { LiveMessage } from "./live";

export function showUploads(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-upload]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  }
}

/** The form's own request, told as it goes. */
function send(form: HTMLFormElement): void {
  const bar = form.querySelector<HTMLProgressElement>("[data-upload-progress]");
  const button = form.querySelector<HTMLButtonElement>("button");
  const request = new XMLHttpRequest();
  request.open("POST", "/api/v1/documents");
  request.responseType = "json";
  request.upload.addEventListener("progress", (sent) => {
    if (bar && sent.lengthComputable) bar.value = sent.loaded / sent.total;
    say(form, sent.loaded < sent.total ? `${Math.floor((100 * sent.loaded) / sent.total)} % sent` : "Sent; being kept");
  });
  request.addEventListener("load", () => arrived(form, request));
  request.addEventListener("error", () => say(form, "The hub was not reached. Nothing was kept; send it again."));
  request.addEventListener("loadend", () => {
    if (button) button.disabled = false;
    if (bar) bar.hidden = true;
  });
  if (button) button.disabled = true;
  if (bar) bar.hidden = false;
  request.send(new FormData(form));
}

function arrived(form: HTMLFormElement, request: XMLHttpRequest): void {
  const answer = request.response as { document_id?: string; detail?: string } | null;
  if (request.status < 300 && answer?.document_id) location.assign(`/documents/${answer.document_id}`);
  else say(form, answer?.detail ?? `The hub refused it (${request.status}).`);
}

function say(form: HTMLFormElement, words: string): void {
  for (const element of form.querySelectorAll("[data-upload-says]")) element.textContent = words;
}

export function showProgress(body: LiveMessage["body"]): void {
  const key = CSS.escape(String(body["document_id"]));
  const settled = Number(body["done"]) + Number(body["failed"]);
  const total = body["total"];
  const isOver = body["state"] === "processed" || body["state"] === "failed";
  for (const element of document.querySelectorAll<HTMLElement>(`[data-reading="${key}"]`)) {
    const bar = element.querySelector("progress");
    if (bar && typeof total === "number") {
      bar.max = total;
      bar.value = settled;
    }
    const pages = typeof total === "number" ? `, ${settled} of ${total} pages` : "";
    write(element, "[data-reading-says]", isOver ? "Ended" : `${sentence(String(body["stage"]))}${pages}`);
    const left = body["eta_s"];
    write(element, "[data-reading-left]", typeof left === "number" ? `about ${Math.ceil(left)} s left` : "");
  }
  if (isOver) for (const element of document.querySelectorAll<HTMLElement>("[data-reading-over]")) element.hidden = false;
}

function write(element: HTMLElement, selector: string, words: string): void {
  for (const found of element.querySelectorAll(selector)) found.textContent = words;
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
