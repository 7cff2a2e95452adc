// A question goes past the page's script, as its answer comes: both are on the page at once, in a place of their
// own below the other turns, until the page is drawn with them.
(() => {
  const ATTACHED = '[data-testid="stChatInput"] [data-testid="stFileChip"]';
  // The page is drawn anew when the answer is there, and before that only where it takes long: on a machine with too
  // much to do, drawing would keep the words of others waiting.
  const AT_MOST = 30_000;

  const place = () => document.querySelector("[data-early]");
  const words = (name) => docent.data.words?.[name] ?? "";

  // Whether the question could be asked so; what is not goes the page's own way.
  docent.ask = (text) => {
    const given = JSON.parse(document.querySelector("[data-ask]")?.dataset.ask ?? "null");
    const wanted = given && place() && text.trim() && given.conversation === docent.conversation();
    if (!wanted || docent.moving !== null || document.querySelector(ATTACHED)) return false;
    send({ ...given, text: text.trim() }, shown(text.trim(), given.conversation));
    return true;
  };

  // What was asked stands there before the server has heard of it.
  const shown = (text, conversation) => {
    const question = docent.part("div", "d-turn", docent.part("div", "d-user", text));
    const waiting = docent.part("div", "d-turn", docent.part("div", "d-wait", words("searching")));
    waiting.dataset.asking = "";
    const asked = { turns: docent.part("div", "", question, waiting), conversation, answer: "" };
    place().append(asked.turns);
    keep(asked);
    docent.lookAtLast();
    return asked;
  };

  // The page may be drawn anew around the turns: they stay until it has drawn the same ones, or leads elsewhere.
  const keep = (asked) => {
    const drawn = () => {
      const same = document.querySelectorAll(`.d-turn[data-message="${CSS.escape(asked.answer)}"]`);
      return asked.answer && [...same].some((turn) => !turn.closest("[data-early]"));
    };
    const look = () => {
      if (drawn()) docent.look();
      if (drawn() || docent.moving !== null || docent.conversation() !== asked.conversation) asked.end();
      else if (!asked.turns.isConnected) place()?.append(asked.turns);
    };
    const observer = new MutationObserver(look); // before anything is painted
    observer.observe(document.body, { childList: true, subtree: true });
    asked.end = () => {
      observer.disconnect();
      clearTimeout(asked.timer);
      asked.turns.remove();
      asked.ended = true;
      if (docent.early === asked.conversation) docent.early = null;
    };
  };

  const send = async (given, asked) => {
    const address = new URL(`ask?lang=${docent.data.language ?? ""}`, docent.base);
    const body = JSON.stringify(given);
    const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body }).catch(() => null);
    const told = (await answer?.json().catch(() => null)) ?? { problem: words("unreachable") };
    if (told.problem) giveBack(given.text, told.problem, asked);
    else if (!asked.ended) begin(told, asked);
  };

  const giveBack = (text, problem, asked) => {
    asked.end();
    if (!docent.composer.field()?.value) docent.composer.write(text);
    docent.say(problem);
  };

  const begin = ({ conversation, answer, html }, asked) => {
    if (conversation !== asked.conversation) lead(conversation);
    Object.assign(asked, { conversation, answer });
    docent.early = conversation;
    asked.turns.innerHTML = html;
    docent.look();
    if (asked.turns.querySelector("[data-live]")) tellLater(asked);
    else docent.act("finished", answer); // it is there already
  };

  const lead = (conversation) => {
    const address = new URL(location);
    address.searchParams.set("c", conversation);
    address.searchParams.delete("m");
    history.pushState(null, "", address);
  };

  const tellLater = (asked) => {
    asked.timer = setTimeout(() => docent.early === asked.conversation && docent.act("asked", asked.answer), AT_MOST);
  };

  // A suggested question.
  docent.local.ask = (_, question) => docent.ask(question) || docent.act("ask", question);
})();
