// Copies what a button holds.
docent.local.copy = async (button) => {
  const { text = "" } = button.dataset;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a safe connection there is no clipboard but this one.
    const field = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  button.classList.add("d-done");
  docent.say(docent.data.words?.copied ?? "");
  setTimeout(() => button.classList.remove("d-done"), 1600);
};

// Tells what happened to those who do not see it.
docent.say = (text) => {
  let place = document.getElementById("d-said");
  if (!place) {
    place = Object.assign(document.createElement("div"), { id: "d-said", className: "d-unseen" });
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  place.textContent = text;
};
