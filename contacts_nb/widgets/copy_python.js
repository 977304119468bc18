// Stands behind gestures.js and copies: a press of a button with data-copy="SELECTOR" copies the text of that element
// and is told as "copied"; or as "selected" where the browser doesn't let it, with the text selected instead.
abilities.push(({ el, send }) => {
  async function copy(source) {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    } catch {
      // Only pages from a safe origin have a clipboard, and people may forbid it.
      getSelection().selectAllChildren(source);
      return document.execCommand("copy");
    }
  }

  el.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    const done = await copy(el.querySelector(button.dataset.copy));
    send({ action: done ? "copied" : "selected", name: "", value: "" });
  });
});
