// What lists of choices share: an entry, which of them is marked, and keys that belong to an input method.
(() => {
  let number = 0;

  const part = (kind, name, text) => {
    const made = Object.assign(document.createElement(kind), { className: name });
    if (text) made.append(...docent.marked(text));
    return made;
  };

  // Text in which some ranges are marked; everything foreign goes through here as text, never as HTML.
  docent.marked = (text) => {
    const { text: plain, spans = [] } = typeof text === "string" ? { text } : text;
    const letters = plain, parts = [];
    let end = 0;
    for (const [from, to] of spans) {
      parts.push(letters.slice(end, from), Object.assign(document.createElement("mark"), { textContent: letters.slice(from, to) }));
      end = to;
    }
    return [...parts, letters.slice(end)];
  };

  // An entry: { title, hint?, icon?, keys? }; title and hint may be { text, spans }.
  docent.option = ({ title, hint, icon, keys }) => {
    const entry = part("li", "d-option");
    entry.id = `d-option-${++number}`;
    entry.setAttribute("role", "option");
    const words = part("span", "d-option-words");
    words.append(part("span", "d-option-title", title));
    if (hint) words.append(part("span", "d-option-hint", hint));
    if (icon) {
      const sign = part("span", "d-icon", icon);
      sign.setAttribute("aria-hidden", "true");
      entry.append(sign);
    }
    entry.append(words);
    if (keys) entry.append(part("kbd", "", docent.keyName?.(keys) ?? keys));
    return entry;
  };

  docent.select = (list, at) => {
    const entries = [...list.querySelectorAll('[role="option"]')];
    entries.forEach((entry, i) => entry.setAttribute("aria-selected", String(i === at)));
    entries[at]?.scrollIntoView({ block: "nearest" });
    return entries[at];
  };

  // By one step the end leads to the beginning, by more it does not.
  docent.step = (at, by, last) => {
    if (Math.abs(by) === 1) return (at + by + last + 1) % (last + 1);
    return Math.max(0, Math.min(last, at + by));
  };

  // Keys that an input method is using, as for Korean, are nobody else's.
  docent.composing = (event) => event.isComposing || event.keyCode === 229;
})();
