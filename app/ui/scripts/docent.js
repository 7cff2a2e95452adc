// What all parts of the page's script stand on: where the server is, how a click reaches it, what it told.
//
// An element with data-act="name" (and data-value) is a button of ours: a handler in `docent.local` takes the
// click in the browser, else the bridge carries it to the page's script on the server.
window.docent = (() => {
  const base = new URL("..", document.currentScript.src);
  const waiting = []; // clicks that the server has not said it heard, the first one first
  let clicks = 0;
  const watchers = [];
  let component = null;

  const docent = {
    base,
    data: {},
    local: {},

    // The bridge: called by its component whenever the server has drawn the page anew.
    connect(mounted) {
      component = mounted;
      docent.data = mounted.data ?? {};
      tell();
      changed();
    },

    // The conversation that a question was asked in past the page's script, until the page is told of it.
    early: null,

    // Have the server do something; see app/ui/actions.
    act(name, value = "") {
      waiting.push({ n: ++clicks, name, value: String(value), early: docent.early ?? "" });
      docent.early = null;
      tell();
    },

    // Where a click is about to lead: the id of a conversation, or "new"; null when the page is there.
    moving: null,
    move(place) {
      docent.moving = place;
      setTimeout(() => docent.moving === place && (docent.moving = null), 5000);
      changed();
    },

    // Have `look` called now and whenever the page has changed, a moment later.
    watch(look) {
      watchers.push(look);
      look();
    },

    // Have all of them called now.
    look: () => watchers.forEach((look) => look()),
  };

  // One at a time: a request that follows another at once may undo what that one leads to, as it still names the
  // page and the address that the browser is at. A page that is slow to draw holds nobody up for long, and a click that
  // was not heard is sent again.
  const PATIENCE = 2000, LOST = 10_000;
  const marks = { heard: 0, drawn: 0 }; // the last ones: they are away while they are replaced
  const mark = (name) => (marks[name] = Number(document.querySelector(`[data-${name}]`)?.dataset[name] ?? marks[name]));
  let told = { n: 0, drawn: 0, at: Infinity }; // what is done on a page may stand on its first drawing
  const hold = (n) => {
    told = { n, drawn: mark("drawn"), at: performance.now() };
    [PATIENCE, LOST].forEach((time) => setTimeout(tell, time + 50));
  };
  const tell = () => {
    while (waiting[0]?.n <= mark("heard")) waiting.shift();
    if (!component || !waiting.length) return;
    const time = waiting[0].n === told.n ? LOST : PATIENCE;
    if (mark("drawn") === told.drawn && performance.now() - told.at < time) return;
    hold(waiting[0].n);
    component.setTriggerValue("act", waiting[0]);
  };
  watchers.push(() => tell());

  let due = false;
  const changed = () => {
    if (due) return;
    due = true;
    setTimeout(() => {
      due = false;
      docent.look();
    }, 40);
  };
  // Nobody looks for anything in an answer that is being written, and it changes all the time.
  const matters = ({ target }) => !(target instanceof Element && target.closest("[data-live]"));

  const begin = () => {
    new MutationObserver((changes) => changes.some(matters) && changed()).observe(document.body, { childList: true, subtree: true });
    changed();
  };
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);

  // The framework's own buttons beside the page go the same way: a click amid the first drawing would break that off.
  const navigate = (event, button) => {
    event.stopPropagation();
    const key = button.closest('[class*="st-key-"]').className.match(/st-key-(\S+)/)[1];
    if (key === "new-chat") docent.act("new");
    else docent.act("page", key);
  };

  // What is typed after such a click is for the place that it leads to.
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const nav = target?.closest(".st-key-nav button");
    if (nav) navigate(event, nav);
    if (target?.closest('.st-key-new-chat button, [data-act="new"]')) docent.move("new");
    const row = target?.closest('a[data-act="open"]');
    if (row) docent.move(row.dataset.value.split(" ")[0]);
  }, true);

  document.addEventListener("click", (event) => {
    const element = event.target instanceof Element ? event.target.closest("[data-act]") : null;
    if (!element || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (element.getAttribute("aria-disabled") === "true") return;
    element.closest("details.d-menu")?.removeAttribute("open");
    const { act, value = "" } = element.dataset;
    if (docent.local[act]) docent.local[act](element, value);
    else docent.act(act, value);
  });

  // A menu closes when something else is clicked, and by Escape.
  const shut = (but) =>
    document.querySelectorAll("details.d-menu[open]").forEach((menu) => menu.contains(but) || menu.removeAttribute("open"));
  document.addEventListener("click", (event) => shut(event.target));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.d-menu[open]");
    if (!menu) return;
    event.stopPropagation();
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  }, true);

  return docent;
})();
