// Sentences for people come with the page in the reader's language; see parts/toasts.html.

const holder = document.getElementById("desk-words");

export const words = holder ? holder.dataset : {};

/** Say something to screen readers alone. */
export function announce(text) {
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = text;
}
