// What waits pulses, from one half of a beat to the other. Animations of the browser's own are drawn sixty times a
// second, however few steps they have: beside an answer that is being written they took a third of the page's time.
(() => {
  const WAITING = ".d-wait, .d-dot, .d-live, .d-skeleton, i.d-pending";
  const HALF = 700; // milliseconds

  const still = matchMedia("(prefers-reduced-motion: reduce)");
  setInterval(() => {
    const beats = !still.matches && !document.hidden && document.querySelector(WAITING);
    document.documentElement.toggleAttribute("data-beat", Boolean(beats) && !document.documentElement.hasAttribute("data-beat"));
  }, HALF);
})();
