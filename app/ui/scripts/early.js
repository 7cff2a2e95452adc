// Hands over from the page as it was sent to the page as the framework draws it, once that can be used.
(() => {
  const early = document.getElementById("d-early");
  if (!early) return;
  const typed = early.querySelector("textarea");
  const LONGEST = 20_000;

  let composing = false;
  typed.addEventListener("compositionstart", () => (composing = true));
  typed.addEventListener("compositionend", () => {
    composing = false;
    look();
  });

  const inRoot = (selector) => document.querySelector(`#root ${selector}`);
  const isDrawn = () => {
    const field = docent.composer.field();
    const awaited = early.querySelector(".d-turn");
    return field && !field.disabled && (!awaited || inRoot(".d-turn"));
  };
  // What the framework or the page has to say goes before what was sent ahead.
  const isTold = () => inRoot(".d-error") || document.querySelector('[role="dialog"]');

  const end = () => {
    observer.disconnect();
    clearTimeout(timer);
    const { value, selectionStart, selectionEnd } = typed;
    const had = document.activeElement === typed;
    early.remove();
    const field = docent.composer.field();
    if (!field) return;
    if (value) docent.composer.write(value);
    if (had) {
      field.focus();
      field.setSelectionRange(selectionStart, selectionEnd);
    }
    if (value && "send" in typed.dataset) docent.composer.send();
  };
  const look = () => !composing && (isDrawn() || isTold()) && end();

  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
  const timer = setTimeout(end, LONGEST);
  look();
})();
