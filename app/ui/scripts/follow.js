// Where the page looks: at a message that the address names, else at the last question, which is kept at the
// top while its answer grows below it, until the reader takes over.
(() => {
  const readerActs = ["wheel", "touchmove", "mousedown", "keydown"];
  let timer = 0;
  let seen = "";

  const stop = () => {
    clearInterval(timer);
    readerActs.forEach((act) => window.removeEventListener(act, stop, true));
  };
  const target = (mark) =>
    mark.dataset.at
      ? document.querySelector(`[data-message="${CSS.escape(mark.dataset.at)}"]`)
      : [...document.querySelectorAll(".d-user")].at(-1);

  const start = (mark) => {
    stop();
    let quiet = 0;
    const look = () => {
      const goal = target(mark);
      goal?.scrollIntoView({ block: "start" });
      quiet = document.querySelector("[data-live], .d-wait") ? 0 : quiet + 1;
      if (goal && mark.dataset.at && quiet === 1) goal.classList.add("d-found");
      if (quiet > 8) stop();
    };
    timer = setInterval(look, 120);
    look();
    readerActs.forEach((act) => window.addEventListener(act, stop, true));
  };

  docent.lookAtLast = () => start({ dataset: {} });

  docent.watch(() => {
    const mark = document.querySelector("[data-follow]");
    const now = mark ? `${mark.dataset.follow} ${mark.dataset.at ?? ""}` : "";
    if (now === seen) return;
    seen = now;
    if (mark && now.trim()) start(mark);
  });
})();
