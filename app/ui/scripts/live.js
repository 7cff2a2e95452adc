// Answers that are being written come straight from the server, past the page's script: whatever is clicked
// or drawn anew meanwhile, they go on. `<div data-live="MESSAGE">` is where one is shown.
(() => {
  const sources = new Map();

  const places = (id) => document.querySelectorAll(`[data-live="${CSS.escape(id)}"]`);

  // What has not changed stays as it is: a selection in it, too.
  const paint = (place, html) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    morph(place, fresh.content);
  };
  const morph = (old, fresh) => {
    const now = [...old.childNodes], next = [...fresh.childNodes];
    next.forEach((node, i) => {
      const there = now[i];
      if (!there) old.append(node);
      else if (there.isEqualNode(node)) return;
      else if (there.nodeName === node.nodeName && there.nodeType === 1 && alike(there, node)) morph(there, node);
      else there.replaceWith(node);
    });
    now.slice(next.length).forEach((node) => node.remove());
  };
  const alike = (one, other) => one.cloneNode(false).isEqualNode(other.cloneNode(false));

  // Where words are slow to get on the screen, because the machine has much to do, more of them come at once: the rest
  // after them (milliseconds) grows with the square of the time that they took. The first ones never wait.
  const SHORTEST = 80, LONGEST = 1500;
  const restAfter = (took) => Math.min(LONGEST, Math.max(SHORTEST, took * (took / 10)));
  const onScreen = () => new Promise((told) => requestAnimationFrame(() => setTimeout(told)));

  const show = (id, held) => {
    held.shown = held.html;
    places(id).forEach((place) => paint(place, held.html));
  };
  const paced = async (id, held) => {
    if (held.timer || held.shown === held.html) return;
    const begun = performance.now();
    show(id, held);
    if (!speaks(held.html)) return;
    held.timer = -1;
    await onScreen();
    const took = performance.now() - begun;
    const rest = () => { held.timer = 0; paced(id, held); };
    held.timer = setTimeout(rest, restAfter(took) - took);
  };
  const speaks = (html) => html.includes("d-answer");

  const follow = (id) => {
    const source = new EventSource(new URL(`live/${encodeURIComponent(id)}?lang=${docent.data.language ?? ""}`, docent.base));
    const held = { source, html: "", shown: "", timer: 0 };
    sources.set(id, held);
    const end = (wait) => {
      source.close();
      clearTimeout(held.timer);
      show(id, held);
      setTimeout(() => {
        sources.delete(id);
        docent.act("finished", id);
      }, wait);
    };
    source.addEventListener("paint", (event) => {
      held.html = JSON.parse(event.data).html;
      paced(id, held);
    });
    source.addEventListener("done", () => end(0));
    source.addEventListener("error", () => source.readyState === EventSource.CLOSED && end(1000));
  };

  docent.watch(() => {
    const shown = new Set([...document.querySelectorAll("[data-live]")].map((place) => place.dataset.live));
    for (const id of shown) {
      const known = sources.get(id);
      if (!known) follow(id);
      else places(id).forEach((place) => place.dataset.painted ?? ((place.dataset.painted = ""), known.html && paint(place, known.html)));
    }
    for (const [id, { source }] of sources) {
      if (shown.has(id)) continue;
      source.close();
      sources.delete(id);
    }
  });
})();
