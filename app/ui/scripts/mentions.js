// "@" in the composer: the names of files and folders, as they are typed.
(() => {
  const collection = () => document.querySelector("[data-indexing]")?.dataset.indexing ?? "";

  const names = async (query) => {
    const asked = new URLSearchParams({ collection: collection(), q: query });
    const answer = await fetch(new URL(`names?${asked}`, docent.base)).then((one) => one.json()).catch(() => ({}));
    return (answer.names ?? []).map(({ name, label, mention, folder }) => ({
      title: label + (folder ? "/" : ""),
      hint: folder ? docent.data.words?.folder : name === label ? "" : name,
      icon: folder ? "folder" : "description",
      mention,
    }));
  };

  window.docentPopup?.({
    trigger: "@",
    anywhere: true,
    label: () => docent.data.words?.names ?? "",
    items: names,
    choose: (item, replace) => replace(`${item.mention} `),
  });
})();
