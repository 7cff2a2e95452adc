// What lists of choices share: an entry, which of them is marked, and keys that belong to an input method.
(() => {
  let number = 0;

  docent.part = (kind, name, ...inside) => {
    const made = Object.assign(document.createElement(kind), { className: name });
    made.append(...inside);
    return made;
  };

  docent.icon = (name) => {
    const sign = docent.part("span", "d-icon", name);
    sign.setAttribute("aria-hidden", "true");
    return sign;
  };

  // Text, or parts of it as [text, whether it is marked]; everything foreign goes through here, never as HTML.
  const marked = (text) =>
    typeof text === "string" ? [text] : text.map(([words, found]) => (found ? docent.part("mark", "", words) : words));

  // An entry: { title, hint?, icon?, keys? }; title and hint may be in parts.
  docent.option = ({ title, hint, icon, keys }) => {
    const words = docent.part("span", "d-option-words", docent.part("span", "d-option-title", ...marked(title)));
    if (hint) words.append(docent.part("span", "d-option-hint", ...marked(hint)));
    const entry = docent.part("div", "d-option", ...(icon ? [docent.icon(icon)] : []), words);
    if (keys) entry.append(docent.part("kbd", "", docent.keyName(keys)));
    entry.id = `d-option-${++number}`;
    entry.setAttribute("role", "option");
    return entry;
  };

  docent.options = (list) => [...list.querySelectorAll('[role="option"]')];

  // Mark one of the options of `list`, and tell so of the field in which is typed.
  docent.mark = (list, at, field) => {
    const entries = docent.options(list);
    entries.forEach((entry, i) => entry.setAttribute("aria-selected", String(i === at)));
    entries[at]?.scrollIntoView({ block: "nearest" });
    if (entries[at]) field.setAttribute("aria-activedescendant", entries[at].id);
    else field.removeAttribute("aria-activedescendant");
  };

  const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 };

  // Where a key leads from one of `count` choices; undefined for a key that leads nowhere.
  docent.led = (key, at, count) => {
    const by = STEPS[key];
    if (!by || !count) return undefined;
    return Math.abs(by) === 1 ? (at + by + count) % count : Math.max(0, Math.min(count - 1, at + by));
  };

  // Keys that an input method is using, as for Korean, are nobody else's.
  docent.composing = (event) => event.isComposing || event.keyCode === 229;
})();
