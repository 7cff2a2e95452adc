// The place to ask. While an answer is being written, a question that is sent too early stays in it.
(() => {
  const FIELD = '[data-testid="stChatInputTextArea"]';

  docent.composer = {
    field: () => document.querySelector(FIELD),

    // The field belongs to a framework that must be told of a change as if somebody had typed.
    write(text) {
      const field = docent.composer.field();
      if (!field) return;
      Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
  };

  const busy = () => document.querySelector("[data-live]");

  document.addEventListener("keydown", (event) => {
    const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (!sends || !busy() || !event.target.matches?.(FIELD)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    docent.say(docent.data.words?.busy ?? "");
  }, true);

  // What came too early all the same is given back by the server.
  let returned = "";
  docent.watch(() => {
    const back = document.querySelector("[data-draft]");
    if (!back || back.dataset.draft === returned || !docent.composer.field()) return;
    returned = back.dataset.draft;
    if (!docent.composer.field().value) docent.composer.write(back.dataset.text ?? "");
  });
})();
