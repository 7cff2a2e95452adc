// "/" in an empty composer: commands, and tasks of the prompt library.
docentPopup({
  trigger: "/",
  label: () => docent.data.words?.commands ?? "",
  items: (query) => docent.named([...docent.commands(), ...(docent.data.tasks ?? [])], query),
  choose: (item, replace) => {
    replace(item.text ?? "");
    if (item.act) docent.run(item);
  },
});
