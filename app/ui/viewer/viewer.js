// The viewer's page: turns pages, changes their size, brings the quote into view. Without it, links do the same.
(() => {
  const root = document.documentElement;
  const framed = window.parent !== window;
  root.classList.add("script");
  root.classList.toggle("framed", framed);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && framed) window.parent.postMessage("docent-viewer-close", window.location.origin);
  });

  const sheet = document.querySelector(".sheet");
  if (!sheet) {
    // An address with a fragment says itself what to show.
    if (!window.location.hash) document.querySelector(".cited mark, .cited")?.scrollIntoView({ block: "center" });
    return;
  }

  const stage = document.querySelector(".stage");
  const image = sheet.querySelector("img");
  const overlays = [...sheet.querySelectorAll("svg g")];
  const field = document.querySelector(".tools input[name=page]");
  const shownZoom = document.querySelector(".zoom");
  const turns = { previous: document.querySelector(".previous"), next: document.querySelector(".next") };
  const pages = Number(field.dataset.pages);
  const base = sheet.dataset.base;
  const STEPS = [50, 67, 80, 100, 125, 150, 200, 300, 400];
  let page = Number(sheet.dataset.page);
  let zoom = 100;
  let wide = Number(new URL(image.src).searchParams.get("width"));
  let known;

  const places = () => {
    known ??= fetch(`${base}/boxes`).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)));
    return known;
  };

  // -- pictures

  const wanted = () => Math.min(3000, Math.ceil(sheet.clientWidth * (window.devicePixelRatio || 1)));

  const load = (width) => {
    wide = width;
    sheet.classList.add("waiting");
    sheet.querySelector(".failed")?.remove();
    image.src = `${base}/page/${page}?width=${width}`;
  };
  const sharpen = () => {
    if (wanted() > wide * 1.1) load(wanted());
  };
  image.addEventListener("load", () => sheet.classList.remove("waiting"));
  image.addEventListener("error", () => {
    sheet.classList.remove("waiting");
    const told = document.createElement("p");
    told.className = "failed";
    told.textContent = sheet.dataset.failed;
    sheet.append(told);
  });

  // -- size

  let resting;
  const resize = (next) => {
    const across = (stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth;
    const down = (stage.scrollTop + stage.clientHeight / 2) / stage.scrollHeight;
    zoom = next;
    sheet.style.width = `${zoom}%`;
    shownZoom.textContent = `${zoom} %`;
    stage.scrollLeft = across * stage.scrollWidth - stage.clientWidth / 2;
    stage.scrollTop = down * stage.scrollHeight - stage.clientHeight / 2;
    clearTimeout(resting);
    resting = setTimeout(sharpen, 200);
  };
  const larger = () => resize(STEPS.find((step) => step > zoom) ?? zoom);
  const smaller = () => resize(STEPS.findLast((step) => step < zoom) ?? zoom);

  // -- pages

  const toQuote = () => {
    const first = sheet.querySelector(".ink rect");
    if (!first) {
      stage.scrollTop = 0;
      return;
    }
    const box = first.getBoundingClientRect();
    const view = stage.getBoundingClientRect();
    stage.scrollTop += box.top + box.height / 2 - view.top - view.height / 3;
    stage.scrollLeft += Math.min(0, box.left - view.left - 16) || Math.max(0, box.right - view.right + 16);
  };

  const rectangle = (place) => {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    ["x", "y", "width", "height"].forEach((name, index) => rect.setAttribute(name, place[index]));
    return rect;
  };
  const draw = ({ sizes, boxes }) => {
    const [width, height] = sizes[page - 1] ?? sizes[0] ?? [595, 842];
    image.width = Math.round(width);
    image.height = Math.round(height);
    for (const overlay of overlays) overlay.replaceChildren(...(boxes[page] ?? []).map(rectangle));
  };

  const turn = async (to) => {
    if (!(to >= 1 && to <= pages) || to === page) {
      field.value = page;
      return;
    }
    page = to;
    sheet.dataset.page = page;
    field.value = page;
    image.alt = sheet.dataset.alt.replace("{page}", page);
    for (const [name, other] of [["previous", page - 1], ["next", page + 1]]) {
      const link = turns[name];
      link.href = link.href.replace(/page=\d+/, `page=${other}`);
      if (other >= 1 && other <= pages) link.removeAttribute("aria-disabled");
      else link.setAttribute("aria-disabled", "true");
    }
    for (const overlay of overlays) overlay.replaceChildren();
    load(wanted());
    const known = await places().catch(() => null);
    if (known && page === to) draw(known);
    toQuote();
  };

  turns.previous.addEventListener("click", (event) => (event.preventDefault(), turn(page - 1)));
  turns.next.addEventListener("click", (event) => (event.preventDefault(), turn(page + 1)));
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    turn(Number.parseInt(field.value, 10));
  });
  field.addEventListener("change", () => turn(Number.parseInt(field.value, 10)));
  document.querySelector(".larger").addEventListener("click", larger);
  document.querySelector(".smaller").addEventListener("click", smaller);
  document.querySelector(".fit").addEventListener("click", () => resize(100));

  const keys = {
    ArrowRight: () => turn(page + 1),
    PageDown: () => turn(page + 1),
    ArrowLeft: () => turn(page - 1),
    PageUp: () => turn(page - 1),
    Home: () => turn(1),
    End: () => turn(pages),
    "+": larger,
    "=": larger,
    "-": smaller,
    0: () => resize(100),
  };
  document.addEventListener("keydown", (event) => {
    if (event.target === field || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    if (zoom > 100 && event.key.startsWith("Arrow")) return; // they move a page that is larger than the view
    event.preventDefault();
    keys[event.key]();
  });

  if (!image.complete) sheet.classList.add("waiting");
  else if (!image.naturalWidth) image.dispatchEvent(new Event("error"));
  window.addEventListener("resize", sharpen);
  toQuote();
  sharpen();
})();
