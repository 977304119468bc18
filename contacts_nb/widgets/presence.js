// Asks the kernel now and then whether it is there, and shows a bar when it isn't. What the page itself knows of the
// kernel is looked at every second. In JupyterLab that is enough, and questions would keep the kernel from ever being
// idle; in Voilà the kernel is asked too. A page that nobody looks at asks nothing.
const LOOK_MS = 1000;
const ASK_MS = 5000;
const TRIES = 3;
const GONE = new Set(["dead", "restarting", "autorestarting", "terminating"]);

function render({ model, el }) {
  const isNotebook = Boolean(document.querySelector(".jp-NotebookPanel"));
  const first = kernelOf(model);
  const id = first?.id;
  let isGone = false; // for good: its widgets are in no other kernel
  let asked = 0;
  let tries = 0;
  let lastAsked = 0;

  el.setAttribute("role", "alert");

  function look() {
    if (document.visibilityState === "hidden") return;
    const kernel = kernelOf(model);
    const isCut = Boolean(id) && kernel?.connectionStatus === "disconnected";
    if (id && (kernel?.id !== id || GONE.has(kernel.status))) isGone = true;
    if (!isNotebook && Date.now() - lastAsked >= ASK_MS) ask();
    show(isGone || isCut || tries > TRIES);
  }

  function ask() {
    lastAsked = Date.now();
    asked += 1;
    tries += 1;
    try {
      model.send({ asked });
    } catch {
      tries = TRIES + 1; // a kernel that is known to be dead
    }
  }

  function lookAgain() {
    if (document.visibilityState === "hidden") return;
    tries = Math.min(tries, TRIES); // what was asked before the page was hidden may have been lost on the way
    lastAsked = 0;
    look();
  }

  const heard = (message) => {
    if (!("answered" in message)) return;
    tries = 0;
    show(isGone);
  };

  const closed = () => {
    // Also told where a comm comes to life.
    setTimeout(() => {
      if (el.matches(".jupyter-widgets-disconnected, .jupyter-widgets-disconnected *")) isGone = true;
      look();
    });
  };

  function show(isLost) {
    if (isLost === el.hasChildNodes()) return;
    el.replaceChildren(...(isLost ? said() : []));
  }

  function said() {
    const text = document.createElement("p");
    const title = document.createElement("strong");
    title.textContent = isNotebook ? "The kernel isn’t there any more. " : "The app doesn’t answer any more. ";
    const why = isNotebook
      ? "It has stopped, or was started again. What was saved is safe. Run the cell again to go on."
      : "It has stopped, or the connection to the server is lost. What was saved is safe; what you typed and haven’t saved is not.";
    text.append(title, why);
    if (isNotebook) return [text];
    const button = document.createElement("button");
    button.type = "button";
    button.className = "cnb-button";
    button.textContent = "Reload";
    button.addEventListener("click", () => location.reload());
    return [text, button];
  }

  const timer = setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", lookAgain);
  model.on("msg:custom", heard);
  model.on("comm_live_update", closed);
  look();
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", lookAgain);
    model.off("msg:custom", heard);
    model.off("comm_live_update", closed);
  };
}

function kernelOf(model) {
  return model.widget_manager?.kernel ?? null;
}

export default { render };
