// The command palette: commands, and a search over all conversations as you type.
(() => {
  const DELAY = 120;
  const words = () => docent.data.words ?? {};

  const input = docent.part("input", "d-palette-field");
  const list = docent.part("div", "d-palette-list");
  const foot = docent.part("p", "d-palette-foot");
  const dialog = docent.part("dialog", "d-palette", input, list, foot);
  list.id = "d-palette-list";
  list.setAttribute("role", "listbox");
  foot.setAttribute("role", "status");
  Object.assign(input, { type: "text", autocomplete: "off", spellcheck: false });
  const aria = { role: "combobox", "aria-expanded": "true", "aria-controls": list.id, "aria-autocomplete": "list" };
  Object.entries(aria).forEach(([name, value]) => input.setAttribute(name, value));

  let entries = []; // { option, run, href? }
  let at = 0;
  let turn = 0;
  let timer;

  docent.local.palette = () => {
    if (dialog.open) return;
    if (!dialog.isConnected) document.body.append(dialog);
    input.placeholder = words().palette ?? "";
    [input, list, dialog].forEach((one) => one.setAttribute("aria-label", words().palette ?? ""));
    input.value = "";
    dialog.showModal();
    find(""); // lets the server take up what was said since the last search
    look();
  };

  // -- what there is to choose ---------------------------------------------------------------------

  const look = () => {
    const query = input.value.trim();
    const mine = ++turn;
    clearTimeout(timer);
    const commands = docent.named(docent.commands(), query).slice(0, query ? 5 : undefined);
    const groups = [[words().commands, commands.map(commandEntry)]];
    if (!query) return show([[words().found, listed()], ...groups], "");
    show(groups, words().searching);
    timer = setTimeout(async () => {
      const found = await find(query);
      if (mine !== turn) return; // more was typed meanwhile
      const none = found.error ?? (found.length || commands.length ? "" : words().nothing);
      show([...groups, [words().found, found.error ? [] : found.map(foundEntry)]], none, at);
    }, DELAY);
  };

  const find = async (query) => {
    const asked = new URLSearchParams({ q: query, lang: docent.data.language ?? "" });
    const answer = await fetch(new URL(`find?${asked}`, docent.base)).catch(() => null);
    const { found = [], error } = (await answer?.json().catch(() => null)) ?? { error: words().unreachable };
    return error ? { error } : found;
  };

  const commandEntry = (command) => ({ option: command, run: () => docent.run(command) });
  const foundEntry = ({ conversation, message, href, title, snippet, by }) => ({
    option: { title, icon: "chat_bubble", hint: snippet.length ? [[`${by}: `, false], ...snippet] : undefined },
    run: () => docent.act("open", `${conversation} ${message}`.trim()),
    href,
  });
  const listed = () =>
    [...document.querySelectorAll(".d-list a[data-act='open']")].slice(0, 5).map((link) => ({
      option: { title: link.querySelector(".d-row-title").textContent, icon: "chat_bubble" },
      run: () => docent.act("open", link.dataset.value),
      href: link.getAttribute("href"),
    }));

  const show = (groups, note, keep = 0) => {
    const filled = groups.filter(([, inside]) => inside.length);
    entries = filled.flatMap(([, inside]) => inside);
    list.replaceChildren(...filled.map(([name, inside]) => group(name ?? "", inside)));
    foot.textContent = note ?? "";
    mark(Math.min(keep, Math.max(0, entries.length - 1)));
  };
  const group = (name, inside) => {
    const made = docent.part("div", "d-palette-group", docent.part("p", "d-day", name), ...inside.map(({ option }) => docent.option(option)));
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", name);
    made.firstElementChild.setAttribute("aria-hidden", "true");
    return made;
  };
  const mark = (to) => docent.mark(list, (at = to), input);

  // -- choosing -------------------------------------------------------------------------------------

  const choose = (index, apart) => {
    const entry = entries[index];
    if (!entry) return;
    dialog.close();
    if (apart && entry.href) window.open(new URL(entry.href, location.href), "_blank", "noopener");
    else entry.run();
  };

  input.addEventListener("input", look);
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation(); // what is typed here means nothing elsewhere
    if (docent.composing(event)) return;
    const led = docent.led(event.key, at, entries.length);
    if (led !== undefined) mark(led);
    else if (event.key === "Enter") choose(at, event.ctrlKey || event.metaKey);
    else if (event.code === "KeyK" && (event.ctrlKey || event.metaKey)) dialog.close();
    else return;
    event.preventDefault();
  });
  const clicked = (event) => docent.options(list).indexOf(event.target.closest('[role="option"]'));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => choose(clicked(event), event.ctrlKey || event.metaKey));
  list.addEventListener("auxclick", (event) => event.button === 1 && choose(clicked(event), true));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
})();
