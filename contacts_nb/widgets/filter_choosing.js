// The list below a box that offers what fits what is typed in it. It is above the page, so nothing cuts it off.
let lists = 0;

class Choosing {
  constructor(host, tell) {
    this.tell = tell;
    this.box = null;
    this.active = -1;
    this.answered = null; // what the list is of
    this.isHurried = false; // Enter was pressed before the answer came
    this.list = document.createElement("div");
    this.list.className = "cnb-filter-list";
    this.list.id = `cnb-filter-list-${++lists}`;
    this.list.setAttribute("role", "listbox");
    this.list.popover = "manual";
    // The box keeps the keyboard while the list is clicked.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option);
    });
    host.append(this.list);
    this.place = this.place.bind(this);
  }

  options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  open(box) {
    if (this.box !== box) this.close();
    this.box = box;
    this.isHurried = false;
    this.tell("suggest", box.dataset.at, box.value);
  }

  close() {
    if (!this.box) return;
    this.box.setAttribute("aria-expanded", "false");
    this.box.removeAttribute("aria-activedescendant");
    this.box.removeAttribute("aria-controls");
    this.box = null;
    this.answered = null;
    this.isHurried = false;
    if (this.list.matches(":popover-open")) this.list.hidePopover();
    window.removeEventListener("scroll", this.place, true);
    window.removeEventListener("resize", this.place);
  }

  get isOpen() {
    return this.box !== null && this.list.matches(":popover-open");
  }

  // What Python answered; an answer to what isn't in the box any more is dropped.
  show({ at, typed, offers, more }) {
    const box = this.box;
    if (!box || box.dataset.at !== at || box.value !== typed || !box.isConnected) return;
    this.list.replaceChildren(...this.grouped(offers));
    if (!offers.length) this.list.append(this.line("cnb-filter-list-note", "Nothing fits"));
    if (more) this.list.append(this.line("cnb-filter-list-note", `${more.toLocaleString("en")} more; type to find them`));
    this.list.setAttribute("aria-label", box.getAttribute("aria-label"));
    if (!this.list.matches(":popover-open")) {
      this.list.showPopover();
      window.addEventListener("scroll", this.place, true);
      window.addEventListener("resize", this.place);
    }
    box.setAttribute("aria-expanded", "true");
    box.setAttribute("aria-controls", this.list.id);
    this.list.scrollTop = 0;
    this.place();
    this.activate(typed && offers.length ? 0 : -1);
    this.answered = typed;
    if (this.isHurried) this.enter(box);
  }

  grouped(offers) {
    const pieces = [];
    let group = null;
    offers.forEach(({ value, label, note, group: name }, index) => {
      if (name && (!group || group.dataset.name !== name)) {
        group = document.createElement("div");
        group.setAttribute("role", "group");
        group.setAttribute("aria-label", name);
        group.dataset.name = name;
        group.append(this.line("cnb-filter-list-group", name));
        group.firstChild.setAttribute("aria-hidden", "true");
        pieces.push(group);
      }
      const option = document.createElement("div");
      option.setAttribute("role", "option");
      option.id = `${this.list.id}-${index}`;
      option.dataset.value = value;
      option.append(this.line("", label));
      if (note) option.append(this.line("cnb-filter-list-note", note));
      if (name) group.append(option);
      else pieces.push(option);
    });
    return pieces;
  }

  line(css, text) {
    const made = document.createElement("span");
    made.className = css;
    made.dir = "auto";
    made.textContent = text;
    return made;
  }

  place(event) {
    if (!this.box || this.list.contains(event?.target)) return;
    const field = this.box.closest(".cnb-filter-names, .cnb-filter-add") ?? this.box;
    const { left, top, bottom, width } = field.getBoundingClientRect();
    if (bottom < 0 || top > innerHeight) return this.close();
    const below = innerHeight - bottom - 8;
    const above = top - 8;
    const isAbove = below < 200 && above > below;
    Object.assign(this.list.style, {
      left: `${left}px`,
      width: `${width}px`,
      maxHeight: `${Math.min(320, isAbove ? above : below)}px`,
      top: isAbove ? "auto" : `${bottom + 4}px`,
      bottom: isAbove ? `${innerHeight - top + 4}px` : "auto",
    });
  }

  activate(index) {
    const options = this.options();
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
    this.active = index;
    if (!this.box) return;
    if (index < 0) return this.box.removeAttribute("aria-activedescendant");
    this.box.setAttribute("aria-activedescendant", options[index].id);
    options[index].scrollIntoView({ block: "nearest" });
  }

  choose(option) {
    const box = this.box;
    box.value = "";
    this.close();
    this.tell("choose", box.dataset.at, option.dataset.value);
  }

  // Whether the key was for the list.
  pressed(box, event) {
    const options = this.options();
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      if (!this.isOpen || this.box !== box) this.open(box);
      else if (options.length) {
        const step = key === "ArrowDown" ? 1 : -1;
        const from = this.active < 0 && step < 0 ? 0 : this.active;
        this.activate((from + step + options.length) % options.length);
      }
      return true;
    }
    if (key === "Escape" && this.isOpen) {
      this.close();
      return true;
    }
    if (key === "Enter") {
      if (this.box === box && this.answered === box.value) this.enter(box);
      else {
        this.open(box);
        this.isHurried = box.value.trim() !== "";
      }
      return true;
    }
    return false;
  }

  enter(box) {
    this.isHurried = false;
    const options = this.options();
    if (this.active >= 0) this.choose(options[this.active]);
    else if (!options.length && !box.closest(".cnb-filter-add")) this.left(box);
  }

  // What was typed and not chosen is told too: it may be the whole name of something.
  left(box) {
    this.close();
    if (box.closest(".cnb-filter-add")) box.value = "";
    else if (box.value !== box.defaultValue) this.tell("type", box.dataset.at, box.value);
  }
}
