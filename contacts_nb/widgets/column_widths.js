// ipydatagrid (1.4) changes widths in the model itself while a column is dragged: the model sees no difference, and
// Python is never told. So the grid on the page is asked whenever the pointer is let go.
function initialize({ model }) {
  const found = async () => {
    try {
      return await model.widget_manager.get_model(model.get("grid").replace("IPY_MODEL_", ""));
    } catch {
      return null; // it has just been replaced by one of other columns
    }
  };
  const look = async () => {
    for (const shown of Object.values((await found())?.views ?? {})) {
      const columns = (await shown).grid?.grid;
      if (!columns?.isVisible) continue;
      model.set("widths", Array.from({ length: columns.columnCount("body") }, (_, index) => columns.columnSize("body", index)));
      model.save_changes();
    }
  };
  const later = () => setTimeout(look, 50); // the last step of a drag is drawn after it
  document.addEventListener("pointerup", later, true);
  return () => document.removeEventListener("pointerup", later, true);
}

export default { initialize };
