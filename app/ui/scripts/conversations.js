// The list of conversations: kept up to date, its folders, and what a row's menu does in the browser.
(() => {
  const listed = () => document.querySelector(".d-list");
  const words = () => docent.data.words ?? {};

  // -- folders: which ones are closed is remembered here -------------------------------------------

  const CLOSED = "docent-closed-folders";
  const closed = () => new Set(JSON.parse(localStorage.getItem(CLOSED) ?? "[]"));
  const fold = (list) => {
    const shut = closed();
    list.querySelectorAll("details.d-folder").forEach((one) => {
      const open = !shut.has(one.dataset.folder);
      if (one.open !== open) one.open = open;
    });
  };
  document.addEventListener("toggle", ({ target }) => {
    if (!target.matches?.("details.d-folder")) return;
    const shut = closed();
    shut[target.open ? "delete" : "add"](target.dataset.folder);
    localStorage.setItem(CLOSED, JSON.stringify([...shut]));
  }, true);

  // -- kept up to date -------------------------------------------------------------------------------
  // What was drawn is of the moment when the page was; titles, answers and other tabs go on.

  const address = () => {
    const asked = new URLSearchParams({
      c: docent.conversation(),
      lang: docent.data.language ?? "",
      chosen: new URLSearchParams(location.search).get("lang") ?? "",
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "",
    });
    return new URL(`conversations?${asked}`, docent.base);
  };

  const refresh = async () => {
    if (document.hidden || !listed() || menu.isConnected) return;
    const asked = address();
    const answer = await fetch(asked).catch(() => null);
    const list = listed();
    if (!answer?.ok || !list || menu.isConnected || asked.href !== address().href) return;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const fresh = template.content.firstElementChild;
    fold(fresh);
    if (!fresh.isEqualNode(list)) list.replaceWith(fresh);
    soon(fresh.querySelector(".d-dot") ? 3000 : 0);
  };

  // Where the reader was in the list, as it is replaced by the page as well.
  let held = null;
  const again = ({ act, value = "" }) => listed()?.querySelector(`[data-act="${act}"][data-value="${CSS.escape(value)}"]`);
  document.addEventListener("focusin", ({ target }) => (held = target.closest?.(".d-list") ? { ...target.dataset } : null));
  document.addEventListener("pointerdown", () => (held = null), true);
  const hold = () => held && document.activeElement === document.body && again(held)?.focus();

  let timer;
  const soon = (milliseconds) => {
    clearTimeout(timer);
    if (milliseconds) timer = setTimeout(refresh, milliseconds);
  };
  docent.refreshList = () => soon(1);

  let seen = "";
  let later = [];
  let drawn = null;
  docent.watch(() => {
    const list = listed();
    if (!list) return;
    if (list !== drawn) {
      fold((drawn = list));
      hold();
    }
    const answers = document.querySelectorAll("[data-live], [data-asking]").length;
    const now = `${docent.conversation()} ${answers} ${docent.data.language}`;
    if (now === seen) return;
    seen = now;
    soon(answers ? 4000 : 250); // an answer goes first
    later.forEach(clearTimeout);
    later = answers ? [] : [3000, 9000].map((wait) => setTimeout(refresh, wait)); // a model may be thinking of a title
  });
  window.addEventListener("focus", () => soon(50));
  document.addEventListener("visibilitychange", () => soon(50));

  // -- the menu of a row ---------------------------------------------------------------------------

  const menu = docent.part("div", "d-entries d-row-menu");
  menu.setAttribute("role", "menu");
  let opener = null;

  const shut = (back) => {
    if (!menu.isConnected) return;
    const button = again(opener.dataset) ?? opener; // it may have been drawn anew
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    if (back) button.focus();
  };

  docent.local["row-menu"] = (button, value) => {
    const isOpen = menu.isConnected && value === opener.dataset.value;
    shut(false);
    if (isOpen) return;
    opener = button;
    menu.setAttribute("aria-label", button.getAttribute("aria-label"));
    menu.replaceChildren(...(docent.data.commands ?? []).filter((one) => one.row).map((one) => entry(one, value)));
    document.body.append(menu);
    button.setAttribute("aria-expanded", "true");
    place(button.getBoundingClientRect());
    menu.firstElementChild?.focus();
  };

  const entry = (command, value) => {
    const pinned = opener.closest("[data-pinned]")?.dataset.pinned === "1";
    const title = command.name === "pin" ? words()[pinned ? "unpin" : "pin"] : command.title;
    const made = docent.part("button", "d-entry", docent.icon(command.icon), docent.part("span", "", title));
    made.type = "button";
    made.setAttribute("role", "menuitem");
    Object.assign(made.dataset, { act: command.act, value });
    return made;
  };

  const place = (box) => {
    const up = box.bottom + menu.offsetHeight + 8 > innerHeight;
    menu.style.top = `${up ? Math.max(8, box.top - menu.offsetHeight - 4) : box.bottom + 4}px`;
    menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
  };

  menu.addEventListener("keydown", (event) => {
    const entries = [...menu.children];
    const at = entries.indexOf(document.activeElement);
    const led = { Home: 0, End: entries.length - 1 }[event.key] ?? docent.led(event.key, at, entries.length);
    if (led !== undefined) entries[led].focus();
    else if (event.key === "Escape" || event.key === "Tab") shut(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.('[data-act="row-menu"]')) return;
    shut(menu.contains(event.target));
  });
  window.addEventListener("resize", () => shut(false));
  document.addEventListener("scroll", (event) => menu.contains(event.target) || shut(false), true);

  // On a phone the sidebar lies over the chat: it makes way for what was chosen in it.
  document.addEventListener("click", (event) => {
    if (innerWidth <= 768 && event.target.closest?.('.d-list [data-act="open"], .d-list [data-act="palette"]')) docent.local.sidebar();
  });

  // -- gone at once, and back if wanted --------------------------------------------------------------

  docent.local.delete = (_, value) => {
    const row = document.querySelector(`[data-conversation="${CSS.escape(value)}"]`);
    const title = row?.querySelector(".d-row-title").textContent ?? "";
    const back = docent.conversation() === value ? `${value} open` : value;
    row?.remove();
    docent.act("delete", value);
    docent.offer((words().deleted ?? "").replace("{title}", title), words().undo ?? "", () => docent.act("restore", back));
  };
})();
