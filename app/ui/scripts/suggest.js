// Suggested questions: `<div data-suggest="ADDRESS">` is filled once the server has made them. They take no place
// before, except where something is said of the waiting.
(() => {
  const known = new Map(); // address -> html, or a promise of it
  // They are made by searching: who asks on at once is not to wait for what nobody will read.
  const QUIET = 700;

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
      place.dataset.filled = "";
      await new Promise((go) => setTimeout(go, QUIET));
      if (!place.isConnected) return;
      if (!known.has(address)) known.set(address, fetched(address).catch(() => ""));
      const html = await known.get(address);
      // What is made of documents that change is asked for anew when the page is.
      known.delete(address);
      document.querySelectorAll(`[data-suggest="${CSS.escape(address)}"]`).forEach((one) => fill(one, html));
    }),
  );
})();
