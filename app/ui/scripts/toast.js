// A bar at the bottom that says what was done, and offers for a while to undo it.
(() => {
  const SECONDS = 12;
  const bar = docent.part("div", "d-toast");
  bar.hidden = true;
  let timer;

  const hide = () => {
    clearTimeout(timer);
    bar.hidden = true;
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, SECONDS * 1000);
  };

  docent.offer = (text, label, undo) => {
    const button = docent.part("button", "", label);
    button.type = "button";
    button.addEventListener("click", () => {
      hide();
      undo();
    });
    bar.replaceChildren(docent.part("span", "", text), button);
    if (!bar.isConnected) document.body.append(bar);
    bar.hidden = false;
    docent.say(text);
    wait();
  };

  // Whoever is on the way to the button is not hurried.
  ["pointerenter", "focusin"].forEach((name) => bar.addEventListener(name, () => clearTimeout(timer)));
  ["pointerleave", "focusout"].forEach((name) => bar.addEventListener(name, () => bar.hidden || wait()));
})();
