// Light, dark, or as the system is: what was chosen in this browser.
(() => {
  const KEY = "docent-scheme";
  const chosen = localStorage.getItem(KEY) ?? "system";

  // The style sheets ask what the system prefers; here the choice answers in its place.
  const answer = { light: "not all", dark: "all" }[chosen];
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  for (const rule of answer ? rules : [])
    if (rule instanceof CSSMediaRule && rule.conditionText === "(prefers-color-scheme: dark)") rule.media.mediaText = answer;
  if (answer) document.documentElement.style.colorScheme = chosen;

  // The framework has a choice of its own for each page, which it reads when it begins.
  const pages = () => ["", ...(docent.data.commands ?? []).filter(({ on }) => on === "page").map(({ value }) => value)];
  const name = { light: "Light", dark: "Dark", system: "System" };

  docent.local.theme = (_, value) => {
    localStorage.setItem(KEY, value);
    for (const page of pages()) {
      const { pathname } = new URL(page, docent.base);
      localStorage.setItem(`stActiveTheme-${pathname}-v2`, JSON.stringify(name[value]));
    }
    location.reload();
  };
})();
