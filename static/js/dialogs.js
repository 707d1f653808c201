/** Dialogs of the page: opened by whatever names them, asked a question and answered. */

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog) dialog.showModal();
  const closer = event.target.closest?.("[data-closes]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target.matches?.("dialog[open]")) event.target.close("cancel");
});

for (const opener of document.querySelectorAll("[data-opens][hidden]")) opener.hidden = false;

/** Open the dialog `id`, quoting what it is about, and wait for the value of the button that closed it. */
export function ask(id, quote = "") {
  const dialog = document.getElementById(id);
  if (!dialog) return Promise.resolve("cancel");
  dialog.querySelector(".dialog__quote")?.replaceChildren(quote);
  dialog.returnValue = "cancel";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
}
