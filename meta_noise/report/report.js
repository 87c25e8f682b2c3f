"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const { ids, given, suggested, sure, quality, wrong, classes, levels } = data;
  const SIZE = 48; // rows of a page
  const CUT = 280; // characters of a text that are shown at first
  const small = new Set(data.small);
  const texts = new Map(Object.entries(data.texts).map(([row, text]) => [Number(row), text]));
  const pictures = new Map(Object.entries(data.pictures).map(([row, picture]) => [Number(row), picture]));
  let rows = [];
  let page = 0;

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function levelOf(row) {
    return levels.findIndex(([, least], place) => sure[row] >= least || place === levels.length - 1);
  }

  const share = (percent) => (percent >= 100 ? "over 99%" : percent <= 0 ? "under 1%" : `${percent}%`);
  const number = (value) => value.toLocaleString("en-US");

  function change(row) {
    const line = element("p", undefined, "change");
    const word = (text) => element("bdi", text);
    if (row >= wrong) {
      line.append(word(classes[given[row]]));
      return line;
    }
    const before = element("s");
    before.append(word(classes[given[row]]));
    const arrow = element("span", "→");
    arrow.setAttribute("aria-hidden", "true");
    line.append(before, " ", arrow, element("span", "suggested:", "spoken"), " ", word(classes[suggested[row]]));
    if (sure[row] < 70) line.append("?");
    return line;
  }

  function passage(text) {
    const made = element("p", undefined, "passage");
    const words = element("bdi", text.length > CUT ? `${text.slice(0, CUT).trimEnd()}…` : text);
    made.append(words);
    if (text.length > CUT) {
      const more = element("button", "more", "more");
      more.type = "button";
      more.addEventListener("click", () => {
        words.textContent = text;
        more.remove();
      });
      made.append(" ", more);
    }
    return made;
  }

  function card(row) {
    const made = element("li", undefined, row >= wrong ? "suspect fine" : sure[row] < 70 ? "suspect unsure" : "suspect");
    if (pictures.has(row)) {
      const image = element("img", undefined, small.has(row) ? "pixels" : "");
      image.src = pictures.get(row);
      image.alt = `Row ${ids[row]}`;
      made.append(image);
    }
    if (texts.has(row)) made.append(passage(texts.get(row)));
    made.append(change(row));
    if (row < wrong) {
      const meter = element("div", undefined, "meter");
      const bar = element("i");
      bar.style.width = `${sure[row]}%`;
      meter.append(bar);
      made.append(meter);
      made.append(element("p", `${levels[levelOf(row)][0]}, ${share(sure[row])}; given label ${share(quality[row])}`));
    } else made.append(element("p", `given label is right by ${share(quality[row])}`));
    const name = element("p", undefined, "id");
    name.append(element("bdi", ids[row]));
    made.append(name);
    return made;
  }

  function chosen() {
    const [from, to, level] = ["given", "suggested", "level"].map((id) => find(id).value);
    const words = find("words").value.trim().toLowerCase();
    const last = find("only").checked ? wrong : ids.length;
    const found = [];
    for (let row = 0; row < last; row += 1) {
      if (from !== "" && given[row] !== Number(from)) continue;
      if (to !== "" && suggested[row] !== Number(to)) continue;
      if (level !== "" && (row >= wrong || levelOf(row) !== Number(level))) continue;
      if (words && !ids[row].toLowerCase().includes(words) && !(texts.get(row) || "").toLowerCase().includes(words)) {
        continue;
      }
      found.push(row);
    }
    const orders = {
      surest: (one, other) => sure[other] - sure[one] || one - other,
      unsure: (one, other) => sure[one] - sure[other] || one - other,
      id: (one, other) => ids[one].localeCompare(ids[other], "en", { numeric: true }) || one - other,
    };
    const order = orders[find("order").value];
    return order ? found.sort(order) : found;
  }

  function search() {
    rows = chosen();
    show(0);
  }

  function show(wanted) {
    const pages = Math.max(1, Math.ceil(rows.length / SIZE));
    page = Math.min(Math.max(0, wanted), pages - 1);
    const part = rows.slice(page * SIZE, (page + 1) * SIZE);
    const list = find("list");
    list.classList.toggle("pictures", part.some((row) => pictures.has(row)));
    list.replaceChildren(...part.map(card));
    const range = part.length ? `${number(page * SIZE + 1)} to ${number(page * SIZE + part.length)}` : "none";
    const all = find("only").checked ? "rows found" : "rows found, with those that look right";
    find("shown").textContent = `Shown: ${range} of ${number(rows.length)} ${all}.`;
    find("page").textContent = `Page ${number(page + 1)} of ${number(pages)}`;
    for (const id of ["start", "before"]) find(id).disabled = page === 0;
    for (const id of ["after", "end"]) find(id).disabled = page >= pages - 1;
    find("pages").hidden = pages < 2;
  }

  function turn(wanted) {
    show(wanted);
    find("rows-title").scrollIntoView();
  }

  function options(select, numbers, first, name) {
    select.append(new Option(first, ""), ...numbers.map((value) => new Option(name(value), String(value))));
  }

  function used(column) {
    const counts = new Set(column);
    return classes.map((_, place) => place).filter((place) => counts.has(place));
  }

  function debounced(action) {
    let waiting = 0;
    return () => {
      clearTimeout(waiting);
      waiting = setTimeout(action, 150);
    };
  }

  function copied(button) {
    const text = button.parentElement.querySelector("code").textContent;
    const done = () => {
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => select(button));
    else select(button);
  }

  function select(button) {
    const range = document.createRange();
    range.selectNodeContents(button.parentElement.querySelector("code"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }

  options(find("given"), used(given), "all", (place) => classes[place]);
  options(find("suggested"), used(suggested), "all", (place) => classes[place]);
  options(find("level"), levels.map((_, place) => place), "all", (place) => levels[place][0]);
  for (const id of ["given", "suggested", "level", "order", "only"]) find(id).addEventListener("change", search);
  find("words").addEventListener("input", debounced(search));
  find("find").addEventListener("submit", (event) => event.preventDefault());
  find("start").addEventListener("click", () => turn(0));
  find("before").addEventListener("click", () => turn(page - 1));
  find("after").addEventListener("click", () => turn(page + 1));
  find("end").addEventListener("click", () => turn(Infinity));
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", () => copied(button));
  }
  for (const button of document.querySelectorAll(".pair")) {
    button.hidden = false;
    button.setAttribute("aria-label", `Show the rows from ${button.dataset.given} to ${button.dataset.suggested}`);
    button.addEventListener("click", () => {
      find("given").value = String(classes.indexOf(button.dataset.given));
      find("suggested").value = String(classes.indexOf(button.dataset.suggested));
      find("level").value = find("words").value = "";
      search();
      find("rows-title").scrollIntoView();
      find("given").focus({ preventScroll: true });
    });
  }
  if (!wrong) find("only").checked = false;
  find("find").hidden = false;
  search();
})();
