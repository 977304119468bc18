// A menu that opens beside what was pressed: at a place on the page, or below the button that has the keyboard.
function initialize({ model }) {
  const menu = document.createElement("div");
  menu.className = "cnb-menu";
  menu.setAttribute("role", "menu");
  menu.hidden = true;
  document.body.append(menu);
  let opener = null;

  const items = () => [...menu.querySelectorAll("[role=menuitem]")];

  function close(back = true) {
    if (menu.hidden) return;
    menu.hidden = true;
    if (back && opener?.isConnected) opener.focus();
  }

  function open({ label, entries, place }) {
    opener = document.activeElement;
    menu.setAttribute("aria-label", label);
    menu.replaceChildren(
      ...entries.map(({ key, label: text, danger }) => {
        const item = document.createElement("button");
        item.type = "button";
        item.setAttribute("role", "menuitem");
        item.tabIndex = -1;
        item.textContent = text;
        item.classList.toggle("cnb-menu-danger", Boolean(danger));
        item.addEventListener("click", () => {
          close();
          model.send({ chosen: key });
        });
        return item;
      }),
    );
    menu.hidden = false;
    const below = opener?.getBoundingClientRect();
    const [left, top] = place ?? [below.left, below.bottom + 4];
    const { width, height } = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(4, Math.min(left, innerWidth - width - 8))}px`;
    menu.style.top = `${top + height > innerHeight - 8 ? Math.max(4, (place ? top : below.top) - height - 4) : top}px`;
    items()[0]?.focus();
  }

  menu.addEventListener("keydown", (event) => {
    const all = items();
    const now = all.indexOf(document.activeElement);
    const next = {
      ArrowDown: all[(now + 1) % all.length],
      ArrowUp: all.at(now - 1),
      Home: all[0],
      End: all.at(-1),
    }[event.key];
    if (next) next.focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else if (event.key !== "Enter" && event.key !== " ") {
      const letter = event.key.toLowerCase();
      [...all.slice(now + 1), ...all.slice(0, now + 1)].find((item) => item.textContent.toLowerCase().startsWith(letter))?.focus();
    }
    if (!["Enter", " ", "Tab"].includes(event.key)) event.preventDefault();
    event.stopPropagation(); // JupyterLab would take letters as commands
  });

  const outside = ({ target }) => menu.contains(target) || close(false);
  const away = () => close(); // its target is no element
  const told = (message) => message.open && open(message.open);
  document.addEventListener("pointerdown", outside, true);
  window.addEventListener("blur", away);
  model.on("msg:custom", told);
  return () => {
    document.removeEventListener("pointerdown", outside, true);
    window.removeEventListener("blur", away);
    model.off("msg:custom", told);
    menu.remove();
  };
}

export default { initialize };
