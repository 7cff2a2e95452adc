// Opens what a mark or a card links to beside the chat. Without it, the links open a tab of their own.
// It lives outside of what Streamlit draws, so nothing that is drawn anew disturbs it.
(() => {
  const SOURCE = 'a[href^="source/"]';
  const panel = document.createElement("aside");
  panel.className = "d-viewer";
  panel.hidden = true;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "d-viewer-close";
  close.textContent = "×";
  const frame = document.createElement("iframe");
  panel.append(close, frame);
  document.body.append(panel);

  let opener = "";
  let place = "";
  let watching;

  docent.watch(() => {
    const { panel: name = "", close: shut = "" } = docent.data.words?.viewer ?? {};
    if (frame.title === name) return;
    panel.setAttribute("aria-label", name);
    frame.title = name;
    close.setAttribute("aria-label", shut);
    close.title = shut;
  });

  // The page and the conversation; the language may change while a source is open.
  const here = () => window.location.pathname + (new URLSearchParams(window.location.search).get("c") ?? "");

  const open = (link) => {
    opener = link.getAttribute("href");
    place = here();
    document.querySelectorAll(".d-viewed").forEach((one) => one.classList.remove("d-viewed"));
    link.classList.add("d-viewed");
    // No entry in the tab's history: going back leaves the conversation, not the source.
    frame.contentWindow.location.replace(link.href);
    panel.hidden = false;
    document.body.classList.add("d-viewing");
    // A dialog would lie over it.
    link.closest('[role="dialog"]')?.querySelector('button[aria-label="Close"]')?.click();
    frame.focus();
    clearInterval(watching);
    watching = setInterval(() => here() !== place && shut(false), 300);
  };

  const shut = (back = true) => {
    if (panel.hidden) return;
    clearInterval(watching);
    panel.hidden = true;
    frame.contentWindow.location.replace("about:blank");
    document.body.classList.remove("d-viewing");
    document.querySelectorAll(".d-viewed").forEach((one) => one.classList.remove("d-viewed"));
    // Streamlit may have drawn the link anew meanwhile.
    if (back) [...document.querySelectorAll(SOURCE)].find((one) => one.getAttribute("href") === opener)?.focus();
  };

  // Whoever points at a mark will likely click on it: what that shows is made ready.
  const asked = new Set();
  const prepare = async (event) => {
    const link = event.target instanceof Element ? event.target.closest(SOURCE) : null;
    if (!link || asked.has(link.href)) return;
    asked.add(link.href);
    const base = link.href.split("?")[0];
    const found = await fetch(`${base}/boxes`).then((answer) => answer.json()).catch(() => ({}));
    if (found.pages) fetch(`${base}/page/${found.page}?width=1200`).catch(() => {});
  };
  document.addEventListener("pointerover", prepare);
  document.addEventListener("focusin", prepare);

  document.addEventListener(
    "click",
    (event) => {
      const link = event.target instanceof Element ? event.target.closest(SOURCE) : null;
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      open(link);
    },
    true,
  );
  document.addEventListener("keydown", (event) => event.key === "Escape" && shut());
  window.addEventListener("message", (event) => {
    if (event.origin === window.location.origin && event.data === "docent-viewer-close") shut();
  });
  close.addEventListener("click", () => shut());
})();
