// The commands of `app/ui/conversations/commands.py`: which of them the page can carry out now, and doing so.
(() => {
  const last = (selector) => [...document.querySelectorAll(selector)].at(-1);
  const messageOf = (selector) => last(selector)?.closest("[data-message]")?.dataset.message ?? "";

  docent.conversation = () => new URLSearchParams(location.search).get("c") ?? "";

  const NEEDED = {
    conversation: docent.conversation,
    answer: () => messageOf(".d-bar-answer"),
    question: () => messageOf(".d-bar-question"),
    running: () => [...new Set([...document.querySelectorAll("[data-live]")].map((one) => one.dataset.live))].join(" "),
    shown: ({ act }) => last(`[data-act="${CSS.escape(act)}"]`)?.dataset.value ?? "",
  };
  const valueOf = (command) => NEEDED[command.on]?.(command) ?? command.value;

  docent.commands = () => (docent.data.commands ?? []).filter((one) => !NEEDED[one.on] || valueOf(one));

  // A button that does the same is clicked, so that it shows what a click shows.
  docent.run = (command, value = valueOf(command)) => {
    const same = `[data-act="${CSS.escape(command.act)}"][data-value="${CSS.escape(value)}"]`;
    const button = value && document.querySelector(`.d-turn ${same}`);
    if (button) button.click();
    else if (docent.local[command.act]) docent.local[command.act](null, value);
    else docent.act(command.act, value);
  };

  const fold = (text) => text.normalize("NFKC").toLowerCase();

  // Those whose names, in any language, hold every word.
  docent.named = (entries, query) => {
    const words = fold(query).split(/\s+/).filter(Boolean);
    const names = ({ name = "", title, also = "" }) => fold(`${name} ${title} ${also}`);
    return entries.filter((entry) => words.every((word) => names(entry).includes(word)));
  };
})();
