// A list that opens above the composer while a sign is typed in it, such as "/" or "@".
//
// docentPopup({
//   trigger: "@",                      the sign
//   anywhere: true,                    at the start of any word; otherwise only as the first thing in the composer
//   label: () => "Documents",          what the list is called
//   items: (query) => [...],           entries, or a promise of them: { title, hint?, icon?, keys?, ... }
//   choose: (item, replace) => {},     replace(text) puts text in the place of the sign and what was typed after it
// })
(() => {
  const popups = [];
  const list = docent.part("div", "d-popup");
  Object.assign(list, { id: "d-popup", hidden: true });
  list.setAttribute("role", "listbox");

  let open = null; // { popup, query, start, items, at }
  let dismissed = ""; // what was on the line when Escape closed the list
  let turn = 0;

  window.docentPopup = docent.popup = (popup) => popups.push(popup);

  // -- what is being typed ------------------------------------------------------------------------

  const typed = (field) => {
    const before = field.value.slice(0, field.selectionStart);
    for (const popup of popups) {
      const start = popup.anywhere ? wordStart(before) : 0;
      if (!before.startsWith(popup.trigger, start)) continue;
      const query = before.slice(start + popup.trigger.length);
      if (!popup.anywhere && /\n/.test(field.value)) continue;
      return { popup, query, start };
    }
    return null;
  };
  const wordStart = (text) => text.search(/\S*$/);

  const look = async (field) => {
    const found = typed(field);
    const mine = ++turn;
    if (!found || dismissed === field.value.slice(0, found.start + 1)) {
      if (!found) dismissed = "";
      return close();
    }
    const items = await found.popup.items(found.query);
    if (mine !== turn) return; // more was typed meanwhile
    if (!items.length) return close();
    open = { ...found, items, at: 0 };
    draw(field);
  };

  // -- the list -----------------------------------------------------------------------------------

  const draw = (field) => {
    list.setAttribute("aria-label", open.popup.label?.() ?? "");
    list.replaceChildren(...open.items.map(docent.option));
    list.hidden = false;
    if (!list.isConnected) document.body.append(list);
    const box = (field.closest('[data-testid="stChatInput"]') ?? field).getBoundingClientRect();
    Object.assign(list.style, {
      left: `${box.left}px`,
      width: `${box.width}px`,
      bottom: `${innerHeight - box.top + 6}px`,
      maxHeight: `${Math.min(360, box.top - 16)}px`,
    });
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-autocomplete", "list");
    mark(field, 0);
  };

  const mark = (field, at) => {
    open.at = at;
    docent.mark(list, at, field);
  };

  const close = () => {
    if (!open) return;
    open = null;
    list.hidden = true;
    docent.composer.field()?.removeAttribute("aria-activedescendant");
  };

  const choose = (at) => {
    const { popup, items, query, start } = open;
    const field = docent.composer.field();
    close();
    const replace = (text) => {
      const end = start + popup.trigger.length + query.length;
      docent.composer.write(field.value.slice(0, start) + text + field.value.slice(end));
      field.focus();
      field.setSelectionRange(start + text.length, start + text.length);
    };
    popup.choose(items[at], replace);
  };

  // -- typing and clicking ------------------------------------------------------------------------

  const isField = (target) => target instanceof Element && target === docent.composer.field();

  document.addEventListener("input", (event) => isField(event.target) && look(event.target));
  document.addEventListener("focusout", (event) => isField(event.target) && setTimeout(close, 150));
  window.addEventListener("resize", close);

  const act = (key, field) => {
    const led = docent.led(key, open.at, open.items.length);
    if (led !== undefined) mark(field, led);
    else if (key === "Enter" || key === "Tab") choose(open.at);
    else if (key === "Escape") {
      dismissed = field.value.slice(0, open.start + 1);
      close();
    } else return false;
    return true;
  };
  // Before everybody else who listens: Enter chooses here, and does not send.
  window.addEventListener("keydown", (event) => {
    if (!open || docent.composing(event) || !isField(event.target) || event.ctrlKey || event.metaKey) return;
    if (!act(event.key, event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  list.addEventListener("mousedown", (event) => event.preventDefault()); // the composer keeps the focus
  list.addEventListener("click", (event) => {
    const entry = event.target.closest('[role="option"]');
    if (entry && open) choose(docent.options(list).indexOf(entry));
  });
})();
