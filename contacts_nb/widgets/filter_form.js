// Shows HTML that was made in Python and tells Python what is typed, chosen and pressed in it. Only what changed is
// drawn: the keyboard keeps its place, and what is being typed stays.
const TYPING = 200; // milliseconds without a key

function keyOf(node) {
  return node.nodeType === 1 ? node.dataset.key ?? "" : "";
}

function areAlike(one, other) {
  return one.nodeName === other.nodeName && keyOf(one) === keyOf(other) && one.dataset?.at === other.dataset?.at;
}

function copyAttributes(shown, made) {
  for (const { name } of [...shown.attributes]) {
    const isOfList = ["aria-expanded", "aria-controls", "aria-activedescendant"].includes(name);
    if (!made.hasAttribute(name) && !isOfList) shown.removeAttribute(name);
  }
  for (const { name, value } of made.attributes) {
    if (name !== "aria-expanded" && shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
}

function copyState(shown, made) {
  const isInUse = shown === document.activeElement;
  if (shown.nodeName === "SELECT") shown.value = made.value;
  else if (shown.type === "radio") shown.checked = made.checked;
  else if (shown.nodeName === "INPUT" && !isInUse && shown.value !== made.value) shown.value = made.value;
}

function redraw(shown, made) {
  if (shown.nodeType !== 1) {
    if (shown.nodeValue !== made.nodeValue) shown.nodeValue = made.nodeValue;
    return;
  }
  copyAttributes(shown, made);
  redrawChildren(shown, made);
  copyState(shown, made);
}

function redrawChildren(shown, made) {
  const wanted = [...made.childNodes];
  // First away with what is gone: what stays needn't move, and moving would take the keyboard from it.
  for (const child of [...shown.childNodes]) {
    if (!wanted.some((other) => areAlike(child, other))) child.remove();
  }
  let next = shown.firstChild;
  for (const child of wanted) {
    let found = next;
    while (found && !areAlike(found, child)) found = found.nextSibling;
    if (!found) {
      shown.insertBefore(child, next);
      continue;
    }
    while (next !== found) {
      const passed = next;
      next = next.nextSibling;
      passed.remove();
    }
    redraw(found, child);
    next = found.nextSibling;
  }
  while (next) {
    const rest = next;
    next = next.nextSibling;
    rest.remove();
  }
}

function render({ model, el }) {
  const form = document.createElement("div");
  form.className = "cnb-filter-form";
  el.append(form);
  const tell = (what, at, value = "") => model.send({ do: what, at, value });
  const choosing = new Choosing(el, tell);
  const controlOf = (target) => target.closest?.("[data-at]");
  const isChoosing = (control) => control?.getAttribute("role") === "combobox";
  const isTyped = (control) => control?.nodeName === "INPUT" && control.type === "text";

  let timer = 0;
  let typing = null;
  function typed() {
    clearTimeout(timer);
    if (typing) tell("input", typing.dataset.at, typing.value);
    typing = null;
  }

  form.addEventListener("input", ({ target }) => {
    const control = controlOf(target);
    if (isChoosing(control)) choosing.open(control);
    else if (isTyped(control)) {
      if (typing !== control) typed();
      typing = control;
      clearTimeout(timer);
      timer = setTimeout(typed, TYPING);
    } else if (control) tell("input", control.dataset.at, control.value);
  });
  form.addEventListener("click", ({ target }) => {
    const control = controlOf(target);
    if (isChoosing(control)) {
      if (!choosing.isOpen || choosing.box !== control) choosing.open(control);
    } else if (control?.nodeName === "BUTTON") {
      typed();
      tell("press", control.dataset.at);
    } else if (target.classList.contains("cnb-filter-names")) target.querySelector("input")?.focus();
  });
  form.addEventListener("focusout", ({ target }) => {
    const control = controlOf(target);
    if (isChoosing(control)) choosing.left(control);
    else if (control && control === typing) typed();
  });
  // A press elsewhere may take the form away, and is told before the field is left.
  const pressed = ({ target }) => typing && !typing.contains(target) && typed();
  document.addEventListener("pointerdown", pressed, true);
  form.addEventListener("keydown", (event) => {
    const control = controlOf(event.target);
    // JupyterLab would take arrow keys, Enter and letters as its commands.
    const isShortcut = event.ctrlKey || event.metaKey || event.altKey;
    if (!isShortcut && (event.key !== "Escape" || choosing.isOpen)) event.stopPropagation();
    if (isChoosing(control)) {
      if (event.isComposing) return;
      if (event.key === "Backspace" && !control.value) {
        [...control.closest(".cnb-filter-names")?.querySelectorAll("li button") ?? []].at(-1)?.click();
      } else if (choosing.pressed(control, event)) event.preventDefault();
    } else if (event.key === "Escape" && event.target.closest("[data-escape]")) {
      event.preventDefault();
      event.stopPropagation();
      tell("press", event.target.closest("[data-escape]").dataset.escape);
    } else if (event.key === "Enter" && control?.nodeName === "INPUT") {
      event.preventDefault();
      typed();
      if (control.dataset.enter) tell("press", control.dataset.enter);
    }
  });

  function draw() {
    const made = document.createElement("template");
    made.innerHTML = model.get("content");
    // In the page's own document, so that what is chosen in lists and radio groups is known.
    redrawChildren(form, document.importNode(made.content, true));
    if (choosing.box && !choosing.box.isConnected) choosing.close();
  }

  function focus({ at, offering }) {
    const control = [...form.querySelectorAll("[data-at]")].find((one) => one.dataset.at === at);
    if (!control) return;
    if (isChoosing(control)) control.value = "";
    control.focus();
    control.closest(".cnb-filter-line, .cnb-filter-save")?.scrollIntoView({ block: "nearest" });
    if (offering) choosing.open(control);
  }

  function received(message) {
    if (message.do === "draw") draw();
    else if (message.do === "focus") focus(message);
    else choosing.show(message);
  }

  model.on("change:content", draw);
  model.on("msg:custom", received);
  draw();
  return () => {
    clearTimeout(timer);
    document.removeEventListener("pointerdown", pressed, true);
    choosing.close();
    model.off("change:content", draw);
    model.off("msg:custom", received);
  };
}

export default { render };
