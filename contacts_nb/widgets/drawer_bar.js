// Stands behind gestures.js, in the bar of the drawer, which is on the page as long as the drawer is open: the keyboard
// goes in with what is opened, and back to where it was when the drawer is closed.
//
//   data-arrives  gets the keyboard when something is opened that doesn't take it itself
//   data-leaves   Escape anywhere in the drawer closes it, but not where somebody types

// A press on the table leaves the keyboard there, for the arrow keys; Enter in it doesn't.
let isPressed = false;
document.addEventListener("pointerdown", () => (isPressed = true), true);
document.addEventListener("keydown", () => (isPressed = false), true);

abilities.push(({ el, model, send }) => {
  const opener = document.activeElement;
  const title = () => el.querySelector(".cnb-drawer-title");
  const drawer = () => el.closest(".cnb-drawer");
  const isLost = () => !document.activeElement || document.activeElement === document.body;

  // What appears is not on the page at once.
  function arrive(tries = 60) {
    const target = el.querySelector("[data-arrives]");
    if (!target || (el.contains(document.activeElement) && document.activeElement !== target)) return;
    if (isTypingOutside(drawer() ?? el)) return;
    if (isPressed && document.activeElement?.closest(".cnb-grid")) return;
    target.focus();
    if (document.activeElement !== target && tries) requestAnimationFrame(() => arrive(tries - 1));
  }

  function name() {
    drawer()?.setAttribute("role", "region");
    drawer()?.setAttribute("aria-label", title()?.textContent ?? "");
  }

  function onKey(event) {
    const { key, target } = event;
    if (key !== "Escape" || event.defaultPrevented || !drawer()?.contains(target)) return;
    if (!el.querySelector("[data-leaves]") || isText(target)) return;
    event.preventDefault();
    send({ action: "escape" });
  }

  const told = ({ arrived }) => arrived && arrive();
  document.addEventListener("keydown", onKey);
  model.on("msg:custom", told);
  model.on("change:content", name);
  arrive();
  requestAnimationFrame(name);
  return () => {
    document.removeEventListener("keydown", onKey);
    model.off("msg:custom", told);
    model.off("change:content", name);
    setTimeout(() => {
      if (!isLost()) return;
      const back = opener?.isConnected && opener !== document.body ? opener : document.querySelector(".cnb-rowbar button");
      back?.focus();
    });
  };
});
