// A run of indexing, as one line: looked at while it goes on, past the page's script. When it ends, the page is
// drawn anew once, with what the new documents make possible.
(() => {
  const SECONDS = 0.6;
  const ended = new Set();
  let watched = "";

  const place = () => document.querySelector("[data-indexing]");

  const look = async (collection, run) => {
    const address = `indexing/${encodeURIComponent(collection)}?lang=${docent.data.language ?? ""}`;
    const answer = await fetch(new URL(address, docent.base)).then((one) => one.json()).catch(() => null);
    const here = place();
    if (!here || here.dataset.run !== run) return (watched = "");
    if (answer && here.innerHTML !== answer.html) here.innerHTML = answer.html;
    if (!answer || answer.running) return setTimeout(() => look(collection, run), 1000 * SECONDS);
    watched = "";
    here.dataset.told = run;
    if (ended.has(run)) return;
    ended.add(run);
    docent.say?.(here.textContent);
    docent.act("indexed", collection);
  };

  docent.watch(() => {
    const here = place();
    const run = here?.dataset.run ?? "";
    if (!run || run === watched || here.dataset.told === run) return;
    watched = run;
    look(here.dataset.indexing, run);
  });
})();
