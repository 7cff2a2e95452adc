// Hands over from the page as it was sent to the page as the framework draws it: each part as soon as it is there, so
// that nothing is on the page twice, and what was typed meanwhile with it.
(() => {
  const early = document.getElementById("d-early");
  if (!early) return;
  const typed = early.querySelector("textarea");
  const LONGEST = 20_000;

  // Where the address leads, else the last question.
  const wanted = new URLSearchParams(location.search).get("m");
  const at = wanted && early.querySelector(`[data-message="${CSS.escape(wanted)}"]`);
  (at ?? [...early.querySelectorAll(".d-user")].at(-1))?.scrollIntoView({ block: "start" });

  // Enter sends as soon as there is something that can, unless it is taken back.
  typed.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    typed.dataset.send = "";
  });
  typed.addEventListener("input", () => delete typed.dataset.send);

  let composing = false;
  typed.addEventListener("compositionstart", () => (composing = true));
  typed.addEventListener("compositionend", () => {
    composing = false;
    look();
  });

  const drawn = (selector) => document.querySelector(`#root ${selector}`);
  const isReady = () => {
    const field = docent.composer.field();
    return field && !field.disabled && !composing;
  };
  // What was unfolded meanwhile is so on the page as well, once it is drawn: [message or "", the how manieth fold].
  let unfolded = [];
  const folds = (turn) => [...turn.querySelectorAll("details")];
  const note = (turns) => {
    unfolded = folds(turns).filter((fold) => fold.open).map((fold) => {
      const turn = fold.closest(".d-turn");
      return turn ? [turn.dataset.message, folds(turn).indexOf(fold)] : ["", 0];
    });
  };
  docent.watch(() => {
    unfolded = unfolded.filter(([message, n]) => {
      const turn = message && drawn(`.d-turn[data-message="${CSS.escape(message)}"]`);
      const fold = message ? turn && folds(turn)[n] : drawn("details.d-summary");
      if (fold) fold.open = true;
      return !fold;
    });
  });

  // What is pressed stays until it is let go: a click begins and ends on the same button.
  let pressed = false;
  early.addEventListener("pointerdown", () => (pressed = true));
  ["pointerup", "pointercancel"].forEach((kind) =>
    window.addEventListener(kind, () => setTimeout(() => {
      pressed = false;
      if (early.isConnected) look();
    })),
  );

  const look = () => {
    if (pressed) return;
    if (drawn(".d-list")) early.querySelector("aside")?.remove();
    const turns = early.querySelector(".d-early-turns");
    if (turns && drawn(".d-turn, .d-hero")) {
      note(turns);
      turns.remove();
      docent.look();
    }
    // What the framework or the page has to say goes before what was sent ahead.
    if (isReady() || drawn(".d-error") || document.querySelector('[role="dialog"]')) end();
  };

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

  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
  const timer = setTimeout(end, LONGEST);
  look();
})();
