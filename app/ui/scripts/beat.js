// What waits pulses, from one half of a beat to the other. Animations of the browser's own are drawn sixty times a
// second, however few steps they have: beside an answer that is being written they took a third of the page's time.
(() => {
  const WAITING = ".d-wait, .d-dot, .d-live, .d-skeleton, i.d-pending";
  const HALF = 700; // milliseconds

  const still = matchMedia("(prefers-reduced-motion: reduce)");
  // The mark is set as near as it can be: one above the whole page has all of it styled and laid out anew.
  let marked = [];
  setInterval(() => {
    const places = marked.length || still.matches || document.hidden ? [] : [...document.querySelectorAll(WAITING)];
    marked.forEach((place) => place.removeAttribute("data-beat"));
    marked = [...new Set(places.map((one) => one.closest("[data-live]") ?? one.parentElement))];
    marked.forEach((place) => place.setAttribute("data-beat", ""));
  }, HALF);
})();
