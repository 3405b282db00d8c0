// What the page says to a contact who was invited. The widget has no use for it.

import type { Language } from "../words/words";

const en = {
  waits: "{name} would like to speak with you",
  somebody: "Somebody",
  reason: "What it is about",
  summary: "So far",
  about: "They wait and hear nothing of this. Your microphone is opened once you accept.",
  accept: "Accept",
  decline: "Decline",
  reading: "Opening the invitation",
  declined: "You have declined. You can close this page.",
  left: "The conversation is over for you. You can close this page.",
};

const fr: typeof en = {
  waits: "{name} souhaite vous parler",
  somebody: "Quelqu’un",
  reason: "De quoi il s’agit",
  summary: "Jusqu’ici",
  about: "On vous attend et on n’entend rien d’ici. Votre micro s’ouvre quand vous acceptez.",
  accept: "Accepter",
  decline: "Refuser",
  reading: "Ouverture de l’invitation",
  declined: "Vous avez refusé. Vous pouvez fermer cette page.",
  left: "La conversation est terminée pour vous. Vous pouvez fermer cette page.",
};

export const INVITATION: Record<Language, typeof en> = { en, fr };
