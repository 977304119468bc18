// What a person does to a grid on the page and ipydatagrid (1.4) doesn't tell: widths that are dragged, because it
// changes them in the model itself, and the model sees no difference; where and with which keys it is pressed, which
// is told before its own click; and keys, which it keeps for itself. It is told in turn when its place on the page gets
// another size, which it only expects of the whole window.
function initialize({ model }) {
  const views = async () => {
    try {
      const grid = await model.widget_manager.get_model(model.get("grid").replace("IPY_MODEL_", ""));
      return await Promise.all(Object.values(grid.views ?? {}));
    } catch {
      return []; // it has just been replaced by one of other columns
    }
  };
  const sizes = new ResizeObserver(async () => {
    for (const view of await views()) view.manageResizeEvent();
  });
  // A view is made some time after its model, and says so to nobody.
  const known = new WeakSet();
  async function watch(tries = 600) {
    const found = await views();
    for (const view of found) {
      if (known.has(view)) continue;
      known.add(view);
      paintRegionsAtOnce(view.grid?.grid);
      sizes.observe(view.el);
    }
    if (!found.length && tries) requestAnimationFrame(() => watch(tries - 1));
  }

  const holding = async (target) => (await views()).some((view) => view.el.contains(target));

  async function lookAtWidths() {
    for (const view of await views()) {
      const columns = view.grid?.grid;
      if (!columns?.isVisible) continue;
      model.set("widths", Array.from({ length: columns.columnCount("body") }, (_, index) => columns.columnSize("body", index)));
      model.save_changes();
    }
  }
  let isHeld = false;
  // The last step of a drag is drawn after it. What is pressed elsewhere may lead away from the page.
  const onUp = () => isHeld && setTimeout(lookAtWidths, 50);

  async function onDown({ target, shiftKey, clientX, clientY }) {
    isHeld = await holding(target);
    if (isHeld) model.send({ pressed: { shift: shiftKey, x: clientX, y: clientY } });
  }
  async function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || ![" ", "Enter"].includes(event.key)) return;
    if (!event.target.closest(".lm-DataGrid")) return;
    event.preventDefault();
    event.stopPropagation();
    if (await holding(event.target)) model.send({ key: event.key === " " ? "tick" : "open" });
  }

  const rewatch = () => watch();
  watch();
  model.on("change:grid", rewatch);
  document.addEventListener("pointerup", onUp, true);
  document.addEventListener("pointerdown", onDown, true);
  document.addEventListener("keydown", onKey, true);
  return () => {
    sizes.disconnect();
    model.off("change:grid", rewatch);
    document.removeEventListener("pointerup", onUp, true);
    document.removeEventListener("pointerdown", onDown, true);
    document.removeEventListener("keydown", onKey, true);
  };
}

export default { initialize };
