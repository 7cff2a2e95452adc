// The place to ask. A question that is sent while an answer is being written, or while the page is on its way to
// another conversation, stays in the field and is asked as soon as it can be. Who goes on writing takes it back.
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

  const SEND = '[data-testid="stChatInputSubmitButton"]';
  const busy = () => document.querySelector("[data-live], [data-asking]");
  const onTheWay = () =>
    docent.moving !== null ||
    !document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]');

  let waiting = 0;
  const sendLater = () => {
    clearInterval(waiting);
    let still = 0;
    waiting = setInterval(() => {
      still = onTheWay() || busy() ? 0 : still + 1;
      if (still < 3) return;
      clearInterval(waiting);
      if (docent.ask(docent.composer.field()?.value ?? "")) docent.composer.write("");
      else document.querySelector(SEND)?.click();
    }, 20);
  };
  docent.composer.send = sendLater;
  document.addEventListener("input", (event) => event.target.matches?.(FIELD) && clearInterval(waiting));

  const hold = (event) => {
    const asked = !busy() && docent.ask(docent.composer.field().value);
    if (!asked && !busy() && !onTheWay()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (asked) {
      docent.composer.write("");
      return;
    }
    if (busy()) docent.say(docent.data.words?.busy ?? "");
    sendLater();
  };
  document.addEventListener("keydown", (event) => {
    const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (sends && event.target.matches?.(FIELD)) hold(event);
  }, true);
  document.addEventListener("click", (event) => {
    if (event.isTrusted && event.target.closest?.(SEND)) hold(event);
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
