// Keys: those of the commands, those that act where the reader is, and a dialog that names them all.
(() => {
  const SINGLE = "docent-single-keys"; // "off": signs alone do nothing, for those whose software types them
  const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
  const NAMES = { mod: isMac ? "⌘" : "Ctrl", alt: isMac ? "⌥" : "Alt", shift: isMac ? "⇧" : "Shift", escape: "Esc", arrowup: "↑", arrowdown: "↓" };

  docent.keyName = (keys) => keys.split("+").map((key) => NAMES[key] ?? key.toUpperCase()).join(isMac ? "" : "+");

  // Letters by the place of their key, as a Korean layout has others on it; signs by what they are.
  const CODES = { escape: "Escape", arrowup: "ArrowUp", arrowdown: "ArrowDown" };
  const pressed = (event, keys) => {
    const parts = keys.split("+");
    const key = parts.pop();
    const isSign = !/^\w/.test(key);
    const isMod = isMac ? event.metaKey : event.ctrlKey;
    const isKey = isSign ? event.key === key : event.code === (CODES[key] ?? `Key${key.toUpperCase()}`);
    const isShift = isSign || event.shiftKey === parts.includes("shift");
    return isKey && isShift && isMod === parts.includes("mod") && event.altKey === parts.includes("alt");
  };

  const isTyping = ({ target }) => target.closest?.("input, textarea, select, [contenteditable=true], [role=listbox], [role=slider]");
  const somethingIsOpen = () =>
    document.querySelector('dialog[open], [data-testid="stDialog"], .d-row-menu, details.d-menu[open], .d-popup:not([hidden]), body.d-viewing');
  const composer = () => docent.composer.field();
  const run = (name) => {
    const command = docent.commands().find((one) => one.name === name);
    if (command) docent.run(command);
    return Boolean(command);
  };

  // -- what keys do -----------------------------------------------------------------------------------

  const open = (by) => {
    const links = [...document.querySelectorAll(".d-list a[data-act='open']")].filter((link) => link.checkVisibility());
    const here = links.findIndex((link) => link.getAttribute("aria-current"));
    const next = links[here < 0 ? 0 : here + by];
    next?.click();
    return Boolean(next);
  };
  const isEmpty = (event) => event.target === composer() && !composer().value;
  const single = (event) => !isTyping(event) && localStorage.getItem(SINGLE) !== "off";
  // Name in the help -> when it acts, and what it does; what does nothing leaves the key to others.
  const ACTS = {
    focus: [single, () => composer() && (composer().focus(), true)],
    help: [single, () => run("help")],
    asked: [isEmpty, () => run("edit")],
    before: [(event) => !isTyping(event) || isEmpty(event), () => open(-1)],
    after: [(event) => !isTyping(event) || isEmpty(event), () => open(+1)],
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || docent.composing(event) || event.repeat || somethingIsOpen()) return;
    const command = docent.commands().find(({ keys }) => keys && pressed(event, keys));
    const key = (docent.data.keys ?? []).find(({ name, keys }) => pressed(event, keys) && ACTS[name][0](event));
    const done = command ? (docent.run(command), true) : key && ACTS[key.name][1]();
    if (done) event.preventDefault();
  });

  docent.local.sidebar = () =>
    document.querySelector('[data-testid="stSidebarCollapseButton"] button, [data-testid="stExpandSidebarButton"]')?.click();

  // -- the help ---------------------------------------------------------------------------------------

  const words = () => docent.data.words ?? {};
  const dialog = docent.part("dialog", "d-help");

  docent.local.help = () => {
    const named = new Map(); // one row for keys that do the same
    for (const { name, title, keys } of [...(docent.data.commands ?? []), ...(docent.data.keys ?? [])])
      if (keys) named.set(name, { title, keys: [...(named.get(name)?.keys ?? []), keys] });
    const rows = [...named.values()].map(({ title, keys }) =>
      docent.part("div", "d-help-row", docent.part("dt", "", title),
        docent.part("dd", "", ...keys.map((one) => docent.part("kbd", "", docent.keyName(one))))));
    const heading = docent.part("h2", "", words().help ?? "");
    heading.id = "d-help-title";
    dialog.setAttribute("aria-labelledby", heading.id);
    dialog.replaceChildren(heading, docent.part("dl", "", ...rows), docent.part("p", "d-hint-line", words().slash ?? ""), singleSwitch(), closeButton());
    if (!dialog.isConnected) document.body.append(dialog);
    dialog.showModal();
  };
  const singleSwitch = () => {
    const box = docent.part("input", "");
    Object.assign(box, { type: "checkbox", checked: localStorage.getItem(SINGLE) !== "off" });
    box.addEventListener("change", () => localStorage.setItem(SINGLE, box.checked ? "on" : "off"));
    return docent.part("label", "d-help-single", box, words().single ?? "");
  };
  const closeButton = () => {
    const button = docent.part("button", "d-help-close", words().close ?? "");
    button.type = "button";
    button.addEventListener("click", () => dialog.close());
    return button;
  };
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
})();
