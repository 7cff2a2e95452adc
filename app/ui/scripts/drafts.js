// What stands in the composer and was not sent stays with its conversation, through reloads and in other ones.
(() => {
  const KEY = "docent-drafts";
  const MOST = 50;
  const read = () => JSON.parse(localStorage.getItem(KEY) ?? "{}");
  const here = () => docent.moving ?? (docent.conversation() || "new");

  const keep = (place, text) => {
    const { [place]: _, ...others } = read();
    const kept = Object.entries(text ? { ...others, [place]: text } : others).slice(-MOST);
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(kept)));
  };

  let place = null;
  let field = null;
  let begun = false; // a question was sent that makes a new conversation

  const isField = (target) => target === docent.composer.field();
  document.addEventListener("input", ({ target }) => isField(target) && keep(here(), target.value));

  // Sent is what the composer no longer holds a moment after Enter or a click.
  const sent = () => {
    const from = here();
    begun = from === "new";
    setTimeout(() => docent.composer.field()?.value === "" && keep(from, ""), 80);
  };
  document.addEventListener("keydown", (event) => event.key === "Enter" && isField(event.target) && sent(), true);
  document.addEventListener("click", (event) => event.target.closest?.('[data-testid="stChatInput"]') && sent(), true);

  docent.watch(() => {
    if (docent.moving === (docent.conversation() || "new")) docent.moving = null;
    const now = docent.composer.field();
    if (!now || (now === field && here() === place)) return;
    if (begun && place === "new" && here() !== "new") {
      begun = false; // whoever writes on meanwhile writes in that one
      keep("new", "");
      keep(here(), now.value);
    }
    const draft = read()[here()] ?? "";
    // The same field may still hold what was written for another conversation.
    if (now.value !== draft && (draft || place !== null)) docent.composer.write(draft);
    [field, place] = [now, here()];
  });
})();
