// Shows HTML that was made in Python and tells Python what a person does with it. Elements that stay what they were
// are kept, so that the keyboard keeps its place and what is being typed isn't lost.
//
//   data-part="KEY"    the same element wherever it moves to
//   data-do="WORD"     a press of this button is told, with its data-name, and the values of fields named in data-of
//   data-enter="WORD"  Enter here (in a textarea with Ctrl) presses the button that has this data-do
//   data-saves="WORD"  a new value of this field is told when it is left, at Enter, or when it is chosen, with `was`:
//                      the data-saved at which editing began; Escape gives data-saved back, and tells "unsaved" of
//                      a field with data-held. What is being edited isn't overwritten
//   data-turn="N"      of a field: another number takes the value that comes with it, whatever is there
//   data-tick="WORD"   a change of this checkbox is told, with its name and whether it is ticked
//   data-typed         what is typed here is told when it pauses; with data-clears, Escape empties it
//   data-escape        Escape anywhere in the form is told
//   data-row="KEY"     one of a list; arrow keys go up and down its data-stop elements, and sideways to data-also
//   data-moves         Alt with an arrow key in one of its rows is told
//   data-end           scrolls, and begins at its end; else its data-anchor elements keep their places
//   data-near-top="WORD"  scrolling near the top of this element is told
//   data-focus         gets the keyboard when the form appears
//   data-refuge        gets it when what had it is gone

const isText = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea");
function isTypingOutside(element) {
  const field = document.activeElement;
  return Boolean(field) && isText(field) && !element.contains(field);
}

function render({ el, model, person, typing, send }) {
  const form = document.createElement("form");
  form.noValidate = true;
  el.append(form);
  const tell = (action, name = "", value = "", values = {}) => send({ action, name, value, values });

  const shortPause = 150; // ms
  let pause = 0;
  let typedIn = null; // a field whose text wasn't told yet
  function tellTyped() {
    clearTimeout(pause);
    if (typedIn) model.send({ action: "typed", name: typedIn.name, value: typedIn.value, values: {} });
    typedIn = null;
  }
  typing.end = tellTyped;
  const edits = new Map(); // fields that are being edited, and what they were
  form.addEventListener("input", ({ target }) => {
    if ("saves" in target.dataset && !edits.has(target)) edits.set(target, target.dataset.saved);
    if (!("typed" in target.dataset)) return;
    if (typedIn !== target) tellTyped();
    clearTimeout(pause);
    typedIn = target;
    pause = setTimeout(tellTyped, shortPause);
  });
  form.addEventListener("change", ({ target }) => {
    if (target.dataset.tick) tell(target.dataset.tick, target.name, target.checked);
    if (target.matches("select[data-saves]")) save(target);
  });
  form.addEventListener("click", ({ target }) => {
    const pressed = target.closest("[data-do]");
    // A button that can't be used keeps the keyboard, so it isn't disabled in the way of HTML.
    if (!pressed || pressed.getAttribute("aria-disabled") === "true") return;
    tellTyped();
    const values = {};
    for (const name of pressed.dataset.of?.split(" ") ?? []) values[name] = [form.elements[name]?.value ?? ""];
    tell(pressed.dataset.do, pressed.dataset.name, "", values);
  });
  form.addEventListener("focusout", ({ target }) => save(target));
  // A press elsewhere may take the form away, and is told before the field is left: what is being edited is told first.
  const onPress = ({ target }) => {
    for (const field of [...edits.keys()]) field.contains(target) || save(field);
    if (typedIn && !typedIn.contains(target)) tellTyped();
  };
  document.addEventListener("pointerdown", onPress, true);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tellTyped();
    const values = {};
    for (const [name, value] of new FormData(form)) (values[name] ??= []).push(value);
    send({ action: "submit", values });
  });

  function save(target) {
    if (!edits.has(target)) return;
    const values = { was: [edits.get(target)] };
    edits.delete(target);
    // Of half a date browsers give nothing, which isn't what was meant.
    if (target.validity.badInput) values.unfinished = [""];
    tell(target.dataset.saves, target.name, target.value, values);
  }

  // What Enter and Escape mean to a field; tells whether anything.
  function isForField({ key, target, ctrlKey, metaKey, shiftKey, isComposing }) {
    if (isComposing || !("dataset" in target)) return false;
    const { saves, saved, held, enter, typed, clears } = target.dataset;
    if (key === "Enter" && saves !== undefined && !shiftKey && target.nodeName !== "SELECT") {
      save(target);
      return true;
    }
    if (key === "Enter" && enter !== undefined && (ctrlKey || metaKey || target.nodeName !== "TEXTAREA")) {
      form.querySelector(`[data-do="${enter}"]`)?.click();
      return true;
    }
    if (key !== "Escape") return false;
    if (saves !== undefined && (edits.delete(target) || held !== undefined)) {
      target.value = saved;
      if (held !== undefined) tell("unsaved", target.name);
      return true;
    }
    if (typed !== undefined && clears !== undefined && target.value) {
      target.value = "";
      typedIn = target;
      tellTyped();
      return true;
    }
    return false;
  }

  // Of tabs one is chosen as soon as the keyboard gets there.
  function tabBeside({ key, target }) {
    const tabs = [...(target.closest("[role=tablist]")?.querySelectorAll("[role=tab]") ?? [])];
    const now = tabs.indexOf(target);
    if (now < 0) return null;
    if (key === "Home" || key === "End") return tabs.at(key === "Home" ? 0 : -1);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    return step ? tabs.at((now + step) % tabs.length) : null;
  }

  const near = 160; // pixels
  const asked = new Set();
  form.addEventListener(
    "scroll",
    ({ target }) => {
      const word = target.dataset?.nearTop;
      if (!word || target.scrollTop > near || target.scrollHeight <= target.clientHeight || asked.has(target)) return;
      asked.add(target);
      tell(word);
    },
    true, // it doesn't rise
  );

  const isShown = (element) => element.getClientRects().length > 0;
  const stops = () => [...form.querySelectorAll("[data-stop]")].filter(isShown);

  function arrow({ key, target }) {
    const row = target.closest("[data-row]");
    const all = stops();
    const now = row ? all.indexOf(row.querySelector("[data-stop]")) : -1;
    if (!row && !("toStops" in target.dataset)) return null;
    if (key === "ArrowDown") return all[now + 1];
    if (key === "ArrowUp") return all[now - 1] ?? form.querySelector("[data-to-stops]");
    if (!row || isText(target) || target.nodeName === "SELECT") return null;
    if (key === "Home") return all[0];
    if (key === "End") return all.at(-1);
    const beside = [...row.querySelectorAll("[data-stop], [data-also]")].filter(isShown);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    return step ? beside[beside.indexOf(target) + step] : null;
  }

  form.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const tab = tabBeside(event);
    if (isForField(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (tab) {
      event.preventDefault();
      event.stopPropagation();
      tab.focus();
      tab.click();
    } else if (key === "Escape") {
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

  // Who has gone on to another field, or types, isn't called back by an answer that comes late.
  let isGiving = false;
  form.addEventListener("focusin", () => (person.hasGoneOn = !isGiving));
  form.addEventListener("input", () => (person.hasGoneOn = true));
  form.addEventListener("focusout", ({ relatedTarget }) => form.contains(relatedTarget) || (person.hasGoneOn = false));
  function give(target) {
    isGiving = true;
    target.focus();
    isGiving = false;
  }

  // What appears is not on the page at once.
  function focusOn(selector, tries = 60) {
    if (person.hasGoneOn || isTypingOutside(form)) return;
    const target = form.querySelector(selector);
    if (target && target !== document.activeElement) give(target);
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
    const isField = ["INPUT", "SELECT", "TEXTAREA"].includes(shown.nodeName);
    const value = shown.nodeName === "TEXTAREA" ? shown.defaultValue : shown.getAttribute("value");
    const turn = shown.dataset.turn;
    for (const { name } of [...shown.attributes]) made.hasAttribute(name) || shown.removeAttribute(name);
    for (const { name, value: text } of made.attributes) {
      if (shown.getAttribute(name) !== text) shown.setAttribute(name, text);
    }
    if (shown.nodeName === "INPUT") {
      if (shown.type === "checkbox" && shown.dataset.tick) shown.checked = made.checked;
      else if (value !== made.getAttribute("value") && !edits.has(shown)) shown.value = made.value;
    }
    const wanted = made.value;
    const isNew = shown.nodeName === "TEXTAREA" && "saves" in shown.dataset && value !== made.defaultValue;
    changeChildren(shown, made);
    if (!isField) return;
    if (turn !== shown.dataset.turn) edits.delete(shown);
    else if (edits.has(shown) || !(isNew || shown.matches("select[data-saves]"))) return;
    if (shown.type !== "checkbox" && shown.type !== "radio") shown.value = wanted;
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

  // Those that were there before, with an element of each that is seen.
  function scrollers() {
    return [...form.querySelectorAll("[data-end]")].map((element) => {
      const top = element.getBoundingClientRect().top;
      const seen = [...element.querySelectorAll("[data-anchor]")].find(
        (child) => child.getBoundingClientRect().bottom > top,
      );
      const isAtEnd = element.clientHeight > 0 && element.scrollHeight - element.scrollTop - element.clientHeight < 4;
      return { element, isAtEnd, seen, place: seen && seen.getBoundingClientRect().top - top };
    });
  }

  function scrollBack(before) {
    for (const { element, isAtEnd, seen, place } of before) {
      if (isAtEnd) element.scrollTop = element.scrollHeight;
      else if (seen && element.clientHeight && element.contains(seen)) {
        const now = seen.getBoundingClientRect().top - element.getBoundingClientRect().top;
        element.scrollTop += now - place;
      }
    }
    for (const element of form.querySelectorAll("[data-end]")) {
      if (before.some((one) => one.element === element)) continue;
      // It has no height until it is on the page.
      const grown = new ResizeObserver(() => {
        if (!element.clientHeight) return;
        element.scrollTop = element.scrollHeight;
        grown.disconnect();
      });
      grown.observe(element);
    }
  }

  function draw() {
    const before = scrollers();
    const made = document.createElement("template");
    made.innerHTML = model.get("content");
    const focused = form.contains(document.activeElement) ? document.activeElement : null;
    changeChildren(form, made.content);
    // An element that moves loses the keyboard.
    if (focused && focused !== document.activeElement) {
      const next = form.contains(focused) ? focused : form.querySelector("[data-refuge]");
      if (next) give(next);
    }
    if (focused) comeBackTo(focused.closest("[data-row]"));
    asked.clear();
    scrollBack(before);
    for (const field of edits.keys()) field.isConnected || edits.delete(field);
  }

  const told = ({ focus }) => focusOn(focus);
  model.on("change:content", draw);
  model.on("msg:custom", told);
  draw();
  if (form.querySelector("[data-focus]")) focusOn("[data-focus]");
  return () => {
    clearTimeout(pause);
    document.removeEventListener("pointerdown", onPress, true);
    model.off("change:content", draw);
    model.off("msg:custom", told);
  };
}

// Scripts that stand behind this one add to what their forms tell.
const abilities = [render];

export default {
  render(context) {
    const person = { hasGoneOn: false }; // since they asked for something
    const send = (told) => {
      person.hasGoneOn = false;
      context.model.send(told);
    };
    const typing = { end() {} }; // what is typed is told, and not only when it pauses
    const ends = abilities.map((ability) => ability({ ...context, person, typing, send }));
    return () => ends.forEach((end) => end?.());
  },
};
