// Passkeys: a form that is sent with what the browser's authenticator says. Without script it is sent
// without, and the hub says what is missing.
//
//   <form data-passkey="create" or "get" data-begin="<what to ask the authenticator>" data-origin="<the hub's>">
//     with <input type="hidden" name="credential"> and <div data-passkey-says role="alert" hidden><p></p></div>

/** As the hub tells them: bytes are base64url. */
interface Asked {
  readonly challenge: string;
  readonly user?: { readonly id: string };
  readonly excludeCredentials?: readonly Named[];
  readonly allowCredentials?: readonly Named[];
}

interface Named {
  readonly id: string;
}

/** What is wrong, in words for people. */
class Refused extends Error {}

const WORDS: Readonly<Record<string, string>> = {
  NotAllowedError: "It was cancelled or took too long, or this device has no passkey for it. Nothing was changed.",
  InvalidStateError: "This device has a passkey of your account already.",
  NotSupportedError: "This device can make no passkey that the hub takes.",
  ConstraintError: "This device can’t check that it is you: give it a PIN, a fingerprint or a face first.",
  SecurityError: "Your browser makes no passkeys for this address.",
  AbortError: "Your browser ended it. Try again.",
};

export function usePasskeys(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form);
    });
  }
}

async function send(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
  if (button) button.disabled = true;
  say(form, "");
  try {
    refuseElsewhere(form.dataset["origin"] ?? "");
    const asked = await begin(form);
    const credential = form.dataset["passkey"] === "create" ? await create(asked) : await get(asked);
    fill(form, credential);
    form.submit();
  } catch (error) {
    say(form, wordsFor(error));
    if (button) button.disabled = false;
  }
}

/** The answer goes alone: the password was for the question. */
function fill(form: HTMLFormElement, credential: object): void {
  const field = form.querySelector<HTMLInputElement>("[name=credential]");
  if (field) field.value = JSON.stringify(credential);
  for (const secret of form.querySelectorAll<HTMLInputElement>("[type=password]")) secret.disabled = true;
}

function refuseElsewhere(origin: string): void {
  if (location.origin !== origin) throw new Refused(`Passkeys of this hub work at ${origin} alone. Open it there.`);
  if (!("credentials" in navigator)) throw new Refused("This browser knows no passkeys.");
}

async function begin(form: HTMLFormElement): Promise<Asked> {
  const told = new URLSearchParams();
  for (const field of form.querySelectorAll<HTMLInputElement>("input[name]")) told.set(field.name, field.value);
  const headers = { accept: "application/json" };
  let response: Response;
  try {
    response = await fetch(form.dataset["begin"] ?? "", { method: "POST", body: told, headers });
  } catch {
    throw new Refused("The hub was not reached. Nothing was changed; try again.");
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new Refused(sentence((answer as { detail?: string } | null)?.detail, response.status));
  return answer as Asked;
}

async function create(asked: Asked): Promise<object> {
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...asked.user, id: bytes(asked.user?.id ?? "") },
    excludeCredentials: asked.excludeCredentials?.map(withBytes) ?? [],
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return told(made, {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
    transports: response.getTransports?.() ?? [],
  });
}

async function get(asked: Asked): Promise<object> {
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    allowCredentials: asked.allowCredentials?.map(withBytes) ?? [],
  } as unknown as PublicKeyCredentialRequestOptions;
  const shown = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = shown.response as AuthenticatorAssertionResponse;
  return told(shown, {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: response.userHandle ? text(response.userHandle) : null,
  });
}

/** By hand: not every browser that we build for has `toJSON`, nor every password manager. */
function told(credential: PublicKeyCredential, response: object): object {
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
}

function withBytes(named: Named): object {
  return { ...named, id: bytes(named.id) };
}

function bytes(base64url: string): Uint8Array {
  const held = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(held, (letter) => letter.charCodeAt(0));
}

function text(held: ArrayBuffer): string {
  const letters = Array.from(new Uint8Array(held), (byte) => String.fromCharCode(byte));
  return btoa(letters.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function wordsFor(error: unknown): string {
  if (error instanceof Refused) return error.message;
  return WORDS[(error as Error).name] ?? "Your browser could not do it. Try again, or sign in another way.";
}

function sentence(detail: string | undefined, status: number): string {
  if (!detail) return `The hub refused it (${status}).`;
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}${detail.endsWith(".") ? "" : "."}`;
}

function say(form: HTMLFormElement, words: string): void {
  const place = form.querySelector<HTMLElement>("[data-passkey-says]");
  if (!place) return;
  place.hidden = !words;
  const line = place.querySelector("p");
  if (line) line.textContent = words;
}
