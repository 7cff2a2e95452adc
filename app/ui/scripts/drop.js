// Files that are dropped anywhere on the chat's page go into the place to ask.
(() => {
  const input = () => document.querySelector('[data-testid="stChatInput"] input[type="file"]');
  const has = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files") && input();
  // Those of the framework take their files themselves.
  const elsewhere = (event) =>
    event.target instanceof Element && event.target.closest('[data-testid="stFileUploaderDropzone"], [data-testid="stChatInput"]');
  let inside = 0;

  const show = (on) => {
    document.body.classList.toggle("d-dropping", on);
    document.body.dataset.drop = docent.data.words?.drop ?? "";
  };

  addEventListener("dragenter", (event) => has(event) && (inside++, show(true)));
  addEventListener("dragleave", (event) => has(event) && --inside <= 0 && ((inside = 0), show(false)));
  addEventListener("dragover", (event) => has(event) && !elsewhere(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    inside = 0;
    show(false);
    if (!has(event) || elsewhere(event)) return;
    event.preventDefault();
    const field = input();
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    docent.composer.field()?.focus();
  });
})();
