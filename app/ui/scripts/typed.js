// Typed answers: their object as JSON, to the clipboard or as a file.
(() => {
  const held = (button) => button.closest("[data-json]")?.dataset ?? {};

  docent.local["json-copy"] = (button) => {
    button.dataset.text = held(button).json ?? "";
    docent.local.copy(button);
  };

  docent.local["json-save"] = (button) => {
    const { json = "", name = "answer.json" } = held(button);
    const url = URL.createObjectURL(new Blob([json], { type: "application/json" }));
    Object.assign(document.createElement("a"), { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
})();
