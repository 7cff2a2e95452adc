// The builder draws its list anew at each click: the button that was used is in hand again afterwards.
(() => {
  let used = null;

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-focus]") : null;
    used = button && { act: button.dataset.act, value: button.dataset.value };
  });

  docent.watch(() => {
    if (!used || (document.activeElement && document.activeElement !== document.body)) return;
    const same = `[data-focus][data-act="${used.act}"][data-value="${CSS.escape(used.value)}"]:not([disabled])`;
    // A field that is first by now cannot be moved up any more, and one that was removed is gone.
    const beside = `[data-act="field-open"][data-value="${CSS.escape(used.value)}"], .d-tree [aria-current]`;
    (document.querySelector(same) ?? document.querySelector(beside))?.focus({ preventScroll: true });
  });
})();
