// The page: one conversation, and beside it who is there, how fast it answers, and how it hears.

import { Conversation } from "../talk/conversation";
import { ApiDoor, InvitedDoor, order, VisitDoor } from "../talk/door";
import { Tools } from "../talk/tools";
import { Trouble } from "../talk/trouble";
import { Watch } from "../talk/watch";
import { h } from "../view/dom";
import { Panel } from "../view/panel";
import { Roster } from "../view/roster";
import { chosenLanguage, Labels, type Language } from "../words/words";
import { Invited } from "./invited";
import { Listening } from "./listening";
import { Timing } from "./timing";
import { told } from "./told";

const SERVER = location.origin;
const asked = new URLSearchParams(location.search);
const server = told();

const remembered = (() => {
  try {
    return localStorage.getItem("patchbay.language");
  } catch {
    return null;
  }
})();
const labels = new Labels(chosenLanguage(asked.get("lang"), remembered, ...navigator.languages));

const tools = new Tools(({ name, state }) => panel.using(state === "running" ? name : undefined));
const invited = server.contact ? new InvitedDoor(location.href.split(/[?#]/)[0]!) : undefined;
const door = invited ?? (server.api ? new ApiDoor(SERVER, server.offers) : new VisitDoor(SERVER, null));
const conversation = new Conversation(door, tools, document.body);
const watch = new Watch();
const panel = new Panel(conversation, labels, () => ({
  profile: profileList.value || undefined,
  room: server.api ? (asked.get("room") ?? undefined) : undefined,
}));
const roster = new Roster(labels, "card");
const timing = new Timing(labels);
const listening = new Listening(labels, conversation, (trouble) => panel.show(trouble));

const profileList = h("select", { id: "profile" });
const agentSwitch = h("input", { type: "checkbox", role: "switch", id: "agent-switch", disabled: true });
agentSwitch.checked = true;

const invitation = invited && new Invited(labels, invited, conversation, panel);

document.body.append(header(), main());
chooseProfile();
speak(labels.language);
listen();

function header(): HTMLElement {
  const languages = h("div", { class: "languages", role: "group" });
  labels.set(languages, (words) => words.language, "aria-label");
  for (const [code, name] of [["en", "English"], ["fr", "Français"]] as const) {
    const button = h("button", { type: "button", lang: code, "data-language": code }, name);
    button.addEventListener("click", () => speak(code));
    languages.append(button);
  }
  const title = h("h1", {}, "Patchbay");
  const docs = h("a", { href: "/docs" }, "API");
  return h("header", {}, title, languages, ...(invited ? [] : [docs]));
}

function main(): HTMLElement {
  const agent = h("label", { class: "choice", for: "agent-switch" });
  const agentText = h("span");
  labels.set(agentText, (words) => words.agentOn);
  agent.append(agentSwitch, agentText);
  if (server.api) panel.status.append(agent);
  agentSwitch.addEventListener("change", () => void switchAgent());

  if (invitation) return h("main", { class: "invited" }, invitation.element, panel.element, h("aside", {}, roster.element));
  const side = h("aside", {}, profileCard(), roster.element, timing.element, listening.element);
  // Without the API nobody tells how long a turn took.
  timing.element.hidden = !server.api;
  if (server.api) side.append(shareCard());
  return h("main", {}, panel.element, side);
}

function profileCard(): HTMLElement {
  const title = h("label", { for: "profile" });
  labels.set(title, (words) => words.side.profile);
  profileList.append(...server.profiles.map(({ name }) => h("option", { value: name }, name)));
  if (server.profile) profileList.value = server.profile;
  profileList.addEventListener("change", chooseProfile);
  const card = h("section", { class: "card profile" }, title, profileList);
  card.hidden = server.profiles.length < 2;
  return card;
}

function shareCard(): HTMLElement {
  const title = h("h2");
  const copy = h("button", { type: "button", class: "plain" });
  labels.set(title, (words) => words.side.share);
  labels.set(copy, (words) => words.side.copy);
  copy.disabled = true;
  copy.addEventListener("click", () => void share(copy));
  conversation.on("phase", (phase) => {
    copy.disabled = phase !== "live";
    labels.set(copy, (words) => words.side.copy);
  });
  return h("section", { class: "card" }, title, copy);
}

async function share(button: HTMLElement): Promise<void> {
  const link = new URL("/", location.href);
  link.searchParams.set("room", conversation.ticket?.roomName ?? "");
  await navigator.clipboard?.writeText(link.href).catch(() => prompt(labels.words.side.copy, link.href));
  labels.set(button, (words) => words.side.copied);
}

function chooseProfile(): void {
  const profile = server.profiles.find(({ name }) => name === (profileList.value || server.profile));
  panel.hint = (words) => (profile?.echo ? words.hint.echo : words.hint.talk);
  panel.refresh();
  void listening.about(profile);
}

function speak(language: Language): void {
  document.documentElement.lang = language;
  labels.speak(language);
  for (const part of [panel, roster, timing, listening]) part.speak();
  invitation?.speak();
  panel.refresh();
  for (const button of document.querySelectorAll<HTMLElement>("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset["language"] === language));
  }
  try {
    localStorage.setItem("patchbay.language", language);
  } catch {
    // Private windows forget it, which is what they are for.
  }
}

async function switchAgent(): Promise<void> {
  const room = conversation.ticket?.roomName;
  if (!room) return;
  const enable = agentSwitch.checked;
  conversation.agentWanted = enable;
  try {
    await order(`${SERVER}/room/${encodeURIComponent(room)}/agent`, { enable });
  } catch (error) {
    agentSwitch.checked = conversation.agentWanted = !enable;
    panel.show(error instanceof Trouble ? error : new Trouble("unexpected", error));
  }
  panel.refresh();
}

function listen(): void {
  conversation.on("people", (people) => roster.show(people));
  conversation.on("phase", (phase) => {
    profileList.disabled = phase !== "ready";
    agentSwitch.disabled = phase !== "live";
    if (phase === "ready") {
      watch.close();
      agentSwitch.checked = true;
    }
    if (phase === "live") agentSwitch.checked = conversation.agentWanted;
    if (phase === "live" && server.api && conversation.ticket) watch.open(SERVER, conversation.ticket.sessionId);
  });
  let notes = 0;
  const note = (text: string) =>
    conversation.note({ id: `note/${++notes}`, who: "", side: "other", how: "note", text }, true);
  watch.on("latency", (latency) => timing.show(latency));
  watch.on("tool", ({ name, ok }) => note((ok ? labels.words.note.tool : labels.words.note.toolFailed) + name));
  watch.on("fault", ({ provider }) => note(labels.words.note.fault + provider));
}
