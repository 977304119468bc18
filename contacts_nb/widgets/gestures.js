// Shows HTML that was made in Python and tells Python what a person does with it. Elements that stay what they were
// are kept, so that the keyboard keeps its place and what is being typed isn't lost.
//
//   data-part="KEY"    the same element wherever it moves to
//   data-do="WORD"     a press of this button is told, with its data-name
//   data-tick="WORD"   a change of this checkbox is told, with its name and whether it is ticked
//   data-typed         what is typed here is told when it pauses
//   data-escape        Escape anywhere in the form is told
//   data-row="KEY"     one of a list; arrow keys go up and down its data-stop elements, and sideways to data-also
//   data-moves         Alt with an arrow key in one of its rows is told
//   data-focus         gets the keyboard when the form appears
function render({ model, el }) {
  const form = document.createElement("form");
  form.noValidate = true;
  el.append(form);
  const tell = (action, name = "", value = "") => model.send({ action, name, value });

  const typing = 150; // ms
  let pause = 0;
  form.addEventListener("input", ({ target }) => {
    if (!("typed" in target.dataset)) return;
    clearTimeout(pause);
    pause = setTimeout(() => tell("typed", target.name, target.value), typing);
  });
  form.addEventListener("change", ({ target }) => {
    if (target.dataset.tick) tell(target.dataset.tick, target.name, target.checked);
  });
  form.addEventListener("click", ({ target }) => {
    const pressed = target.closest("[data-do]");
    // A button that can't be used keeps the keyboard, so it isn't disabled in the way of HTML.
    if (pressed && pressed.getAttribute("aria-disabled") !== "true") tell(pressed.dataset.do, pressed.dataset.name);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = {};
    for (const [name, value] of new FormData(form)) (values[name] ??= []).push(value);
    model.send({ action: "submit", values });
  });

  const isShown = (element) => element.getClientRects().length > 0;
  const stops = () => [...form.querySelectorAll("[data-stop]")].filter(isShown);
  const isText = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select");

  function arrow({ key, target }) {
    const row = target.closest("[data-row]");
    const all = stops();
    const now = row ? all.indexOf(row.querySelector("[data-stop]")) : -1;
    if (!row && !("toStops" in target.dataset)) return null;
    if (key === "ArrowDown") return all[now + 1];
    if (key === "ArrowUp") return all[now - 1] ?? form.querySelector("[data-to-stops]");
    if (isText(target) || !row) return null;
    if (key === "Home") return all[0];
    if (key === "End") return all.at(-1);
    const beside = [...row.querySelectorAll("[data-stop], [data-also]")].filter(isShown);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    return step ? beside[beside.indexOf(target) + step] : null;
  }

  form.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (key === "Escape") {
      if (!form.querySelector("[data-escape]")) return;
      event.preventDefault();
      event.stopPropagation();
      tell("escape");
    } else if (event.altKey && (key === "ArrowUp" || key === "ArrowDown")) {
      const row = target.closest("[data-moves] [data-row]");
      if (!row) return;
      event.preventDefault();
      event.stopPropagation();
      tell(key === "ArrowUp" ? "up" : "down", row.dataset.row);
    } else if (!(event.ctrlKey || event.metaKey || event.altKey)) {
      const next = arrow(event);
      if (next) {
        event.preventDefault();
        next.focus();
      }
      // JupyterLab would take arrow keys to go from cell to cell, and letters as commands.
      event.stopPropagation();
    }
  });

  // Tab goes to one row only, where the keyboard was last.
  function comeBackTo(row) {
    if (!row?.querySelector("[data-stop]")) return;
    for (const control of form.querySelectorAll("[data-stop], [data-also]")) {
      control.tabIndex = row.contains(control) ? 0 : -1;
    }
  }
  form.addEventListener("focusin", ({ target }) => comeBackTo(target.closest("[data-row]")));

  // What appears is not on the page at once.
  function focusOn(selector, tries = 60) {
    const target = form.querySelector(selector);
    target?.focus();
    target?.select?.();
    if (target && document.activeElement === target) target.closest("[data-escape]")?.scrollIntoView({ block: "nearest" });
    else if (tries) requestAnimationFrame(() => focusOn(selector, tries - 1));
  }

  const partOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.dataset.part : undefined);

  function change(shown, made) {
    if (shown.nodeName !== made.nodeName) return shown.replaceWith(made);
    if (shown.nodeType !== Node.ELEMENT_NODE) {
      if (shown.data !== made.data) shown.data = made.data;
      return;
    }
    const value = shown.getAttribute("value");
    for (const { name } of [...shown.attributes]) made.hasAttribute(name) || shown.removeAttribute(name);
    for (const { name, value: text } of made.attributes) {
      if (shown.getAttribute(name) !== text) shown.setAttribute(name, text);
    }
    if (shown.nodeName === "INPUT") {
      if (shown.type === "checkbox" && shown.dataset.tick) shown.checked = made.checked;
      else if (value !== made.getAttribute("value")) shown.value = made.value;
    }
    changeChildren(shown, made);
  }

  function changeChildren(shown, made) {
    const parts = new Map([...shown.children].filter(partOf).map((child) => [partOf(child), child]));
    let place = shown.firstChild;
    for (const child of [...made.childNodes]) {
      const same = partOf(child) ? parts.get(partOf(child)) : place && !partOf(place) ? place : undefined;
      if (!same) {
        shown.insertBefore(child, place);
      } else {
        if (same === place) place = place.nextSibling;
        else shown.insertBefore(same, place);
        change(same, child);
      }
    }
    while (place) {
      const next = place.nextSibling;
      place.remove();
      place = next;
    }
  }

  function draw() {
    const made = document.createElement("template");
    made.innerHTML = model.get("content");
    const focused = form.contains(document.activeElement) ? document.activeElement : null;
    changeChildren(form, made.content);
    // An element that moves loses the keyboard.
    if (focused && focused !== document.activeElement && form.contains(focused)) focused.focus();
    if (focused) comeBackTo(focused.closest("[data-row]"));
  }

  const told = ({ focus }) => focusOn(focus);
  model.on("change:content", draw);
  model.on("msg:custom", told);
  draw();
  if (form.querySelector("[data-focus]")) focusOn("[data-focus]");
  return () => {
    clearTimeout(pause);
    model.off("change:content", draw);
    model.off("msg:custom", told);
  };
}

export default { render };
