// Shows HTML that was made in Python and tells Python which radio button is chosen. Parts that didn't change stay
// as they are: pictures don't flicker, and the keyboard keeps its place.
function render({ model, el }) {
  // A form of its own, so that radio buttons of another one on the page aren't of the same group.
  const form = document.createElement("form");
  // JupyterLab would take the arrow keys to go from cell to cell, and letters as commands.
  form.addEventListener("keydown", (event) => event.ctrlKey || event.metaKey || event.altKey || event.stopPropagation());
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => model.send({ name: target.name, value: target.value }));
  el.append(form);

  const partsOf = (root) => [...root.querySelectorAll("[data-part]")];
  const keysOf = (parts) => parts.map((part) => part.dataset.part).join(" ");
  let drawn = [];

  function draw() {
    const made = document.createElement("template");
    made.innerHTML = model.get("content");
    const parts = partsOf(made.content);
    const sources = parts.map((part) => part.outerHTML);
    const shown = partsOf(form);
    const name = form.contains(document.activeElement) ? document.activeElement.name : "";
    if (drawn.length && keysOf(parts) === keysOf(shown)) {
      parts.forEach((part, index) => sources[index] !== drawn[index] && shown[index].replaceWith(part));
    } else {
      form.replaceChildren(made.content);
    }
    drawn = sources;
    if (name && !form.contains(document.activeElement)) {
      [...form.elements].find((input) => input.name === name && input.checked)?.focus();
    }
  }

  function drawAll() {
    drawn = [];
    draw();
  }

  model.on("change:content", draw);
  model.on("msg:custom", drawAll);
  draw();
  return () => {
    model.off("change:content", draw);
    model.off("msg:custom", drawAll);
  };
}

export default { render };
