// Stands behind gestures.js and adds to what its forms tell:
//
//   data-left="WORD"  a field that is left is told, unless its value was told before
//   data-take="WORD"  Enter takes what is typed here: it is told, the field is empty again, and nothing is submitted
//   data-back="WORD"  Backspace is told where this field is empty
//
// A date or time that isn't complete has no value that could be told or submitted: it is told as "incomplete".
abilities.push(({ el, typing, send }) => {
  const tell = (action, { name, value }) => send({ action, name, value });

  const told = new WeakMap();
  el.addEventListener("focusout", ({ target }) => {
    if (!target.dataset.left) return;
    if (target.validity.badInput) {
      told.delete(target);
      tell("incomplete", target);
    } else if (told.get(target) !== target.value) {
      const isFirst = !told.has(target);
      told.set(target, target.value);
      if (target.value || !isFirst || target.matches("[aria-invalid]")) tell(target.dataset.left, target);
    }
  });
  // In capture: before the form itself hears of it.
  el.addEventListener(
    "keydown",
    (event) => {
      const { key, target } = event;
      if (event.isComposing) return;
      if (key === "Enter" && target.dataset.take) {
        event.preventDefault();
        typing.end();
        tell(target.dataset.take, target);
        target.value = "";
      } else if (key === "Backspace" && target.dataset.back && !target.value) tell(target.dataset.back, target);
    },
    true,
  );
  el.addEventListener(
    "submit",
    (event) => {
      const field = [...el.querySelectorAll("input")].find((one) => one.validity.badInput);
      if (!field) return;
      event.preventDefault();
      event.stopPropagation();
      tell("incomplete", field);
      field.focus();
    },
    true,
  );
});
