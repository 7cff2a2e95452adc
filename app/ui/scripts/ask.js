// A question goes past the page's script, as its answer comes: both are on the page at once, in a place of their
// own below the other turns, until the page is drawn with them.
(() => {
  const ATTACHED = '[data-testid="stChatInput"] [data-testid="stFileChip"]';
  // The page is drawn anew once the reader has the first words, or knows that they take a while.
  const AFTER_WORDS = 300;
  const AT_MOST = 2500;

  const place = () => document.querySelector("[data-early]");
  const words = (name) => docent.data.words?.[name] ?? "";

  // Whether the question could be asked so; what is not goes the page's own way.
  docent.ask = (text) => {
    const given = JSON.parse(document.querySelector("[data-ask]")?.dataset.ask ?? "null");
    const wanted = given && place() && text.trim() && given.conversation === docent.conversation();
    if (!wanted || docent.moving !== null || document.querySelector(ATTACHED)) return false;
    show(text.trim());
    send({ ...given, text: text.trim() });
    return true;
  };

  // What was asked stands there before the server has heard of it.
  const show = (text) => {
    const asked = docent.part("div", "d-turn", docent.part("div", "d-user", text));
    const waiting = docent.part("div", "d-turn", docent.part("div", "d-wait", words("searching")));
    waiting.dataset.asking = "";
    place().replaceChildren(asked, waiting);
    docent.lookAtLast();
  };

  const send = async (given) => {
    const address = new URL(`ask?lang=${docent.data.language ?? ""}`, docent.base);
    const body = JSON.stringify(given);
    const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body }).catch(() => null);
    const told = (await answer?.json().catch(() => null)) ?? { problem: words("unreachable") };
    const isHere = place()?.querySelector("[data-asking]") && docent.moving === null && docent.conversation() === given.conversation;
    if (told.problem) giveBack(given.text, told.problem);
    else if (isHere) begin(told);
  };

  const giveBack = (text, problem) => {
    place()?.replaceChildren();
    if (!docent.composer.field()?.value) docent.composer.write(text);
    docent.say(problem);
  };

  const begin = ({ conversation, answer, html }) => {
    place().innerHTML = html;
    docent.early = conversation;
    if (conversation !== docent.conversation()) lead(conversation);
    follow(answer);
    docent.look();
    if (!place().querySelector("[data-live]")) docent.act("finished", answer); // it is there already
  };

  const lead = (conversation) => {
    const address = new URL(location);
    address.searchParams.set("c", conversation);
    address.searchParams.delete("m");
    history.pushState(null, "", address);
  };

  // Gives way, before anything is painted, to the same turns as the page draws them.
  const follow = (answer) => {
    const began = performance.now();
    let spoke = 0;
    const drawn = () => [...document.querySelectorAll(`.d-turn[data-message="${CSS.escape(answer)}"]`)].some((turn) => !turn.closest("[data-early]"));
    const observer = new MutationObserver(() => {
      if (drawn()) docent.look();
      if (drawn() || !place()?.firstChild) end();
    });
    const timer = setInterval(() => {
      if (!docent.early) clearInterval(timer);
      else if (docent.early !== docent.conversation()) end(); // the reader has gone elsewhere
      const now = performance.now();
      spoke ||= place()?.querySelector(".d-answer") ? now : 0;
      if (docent.early && (spoke ? now - spoke > AFTER_WORDS : now - began > AT_MOST)) docent.act("asked", answer);
    }, 100);
    const end = () => {
      observer.disconnect();
      clearInterval(timer);
      docent.early = null;
      place()?.replaceChildren();
    };
    observer.observe(document.body, { childList: true, subtree: true });
  };

  // A suggested question.
  docent.local.ask = (_, question) => docent.ask(question) || docent.act("ask", question);
})();
