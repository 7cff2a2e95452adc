// Keeps the last question at the top of the view while its answer grows below it, until the reader takes over.
(() => {
  const page = document.querySelector('[data-testid="stMain"]');
  if (!page) return;
  const readerActs = ["wheel", "touchmove", "mousedown", "keydown"];
  let quiet = 0;
  const stop = () => {
    clearInterval(timer);
    readerActs.forEach((act) => window.removeEventListener(act, stop, true));
  };
  const look = () => {
    const questions = document.querySelectorAll(".d-user");
    questions[questions.length - 1]?.scrollIntoView({ block: "start" });
    quiet = document.querySelector(".d-live, .d-wait") ? 0 : quiet + 1;
    if (quiet > 8) stop();
  };
  const timer = setInterval(look, 120);
  readerActs.forEach((act) => window.addEventListener(act, stop, true));
})();
