// Suggested questions: `<div data-suggest="ADDRESS">` is filled once the server has made them. They take no place
// before, except where something is said of the waiting.
(() => {
  const known = new Map(); // address -> html, or a promise of it

  const fetched = async (address) => {
    for (let turn = 0; turn < 40; turn++) {
      const answer = await fetch(new URL(address, docent.base)).then((one) => one.json());
      if (!answer.again) return answer.html ?? "";
      await new Promise((go) => setTimeout(go, 700));
    }
    return "";
  };

  const fill = (place, html) => {
    place.dataset.filled = "";
    place.innerHTML = html;
  };

  docent.watch(() =>
    document.querySelectorAll("[data-suggest]:not([data-filled])").forEach(async (place) => {
      const address = place.dataset.suggest;
      if (!known.has(address)) known.set(address, fetched(address).catch(() => ""));
      place.dataset.filled = "";
      const html = await known.get(address);
      // What is made of documents that change is asked for anew when the page is.
      known.delete(address);
      document.querySelectorAll(`[data-suggest="${CSS.escape(address)}"]`).forEach((one) => fill(one, html));
    }),
  );
})();
