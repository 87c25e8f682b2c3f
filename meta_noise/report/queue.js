"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const { classes, rows } = data;
  const MANY = 12;
  const REASONS = {
    suspicious: "The given label looks wrong",
    uncertain: "The network is not sure",
    random: "Drawn by chance, to measure by",
  };
  const byDigits = classes.every((each) => /^[0-9]$/.test(each.name));
  const keys = classes.map((each, place) => (byDigits ? each.name : "1234567890"[place] || ""));
  const direct = classes.length <= MANY;
  let state = { answers: {}, history: [], at: 0, saved: 0, blind: false };
  let keeps = true;

  function restore() {
    try {
      const kept = JSON.parse(localStorage.getItem(data.key) || "null");
      if (kept && typeof kept === "object" && kept.answers && Array.isArray(kept.history)) {
        state = { ...state, ...kept };
        state.at = Math.min(Math.max(0, Number(state.at) || 0), rows.length);
      }
    } catch {
      keeps = false;
    }
    keep();
    if (!keeps) {
      say("This browser keeps nothing for this page: download the answers before you close it.");
    }
  }

  function keep() {
    try {
      localStorage.setItem(data.key, JSON.stringify(state));
    } catch {
      keeps = false;
    }
  }

  function say(text) {
    find("notice").textContent = text;
    find("notice").hidden = !text;
  }

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  const answered = () => Object.keys(state.answers).length;

  function answer(label, bad) {
    if (state.at >= rows.length) return;
    state.history.push([state.at, state.answers[state.at] || null]);
    state.answers[state.at] = bad ? { bad: true } : { label };
    go(next(state.at));
  }

  function next(from) {
    for (let place = from + 1; place < rows.length; place += 1) {
      if (!state.answers[place]) return place;
    }
    return rows.length;
  }

  function undo() {
    const last = state.history.pop();
    if (!last) return;
    const [place, before] = last;
    if (before) state.answers[place] = before;
    else delete state.answers[place];
    go(place);
  }

  function go(place) {
    state.at = Math.min(Math.max(0, place), rows.length);
    keep();
    show();
  }

  function show() {
    const ended = state.at >= rows.length;
    find("row").hidden = ended;
    find("end").hidden = !ended;
    find("progress").textContent = `${answered()} of ${rows.length} answered`;
    find("done").value = answered();
    find("download").disabled = answered() === 0;
    find("save").disabled = answered() === 0;
    find("undo").disabled = state.history.length === 0;
    find("back").disabled = state.at === 0;
    if (ended) showEnd();
    else showRow(rows[state.at]);
  }

  const hides = () => state.blind && !state.answers[state.at];

  function showRow(row) {
    const hidden = hides();
    find("why").textContent = hidden ? "A row to judge" : REASONS[row.why];
    find("why").className = hidden ? "" : row.why;
    find("given").textContent = classes[row.given].shown;
    find("suggested").textContent = hidden ? "hidden" : classes[row.suggested].shown;
    find("suggested").className = hidden ? "hidden" : "";
    if (!hidden) find("suggested").append(element("small", ` ${row.probability}`));
    find("blind").checked = state.blind;
    find("identity").textContent = `Row ${state.at + 1} of ${rows.length}: ${row.shown}`;
    find("content").replaceChildren(...contents(row));
    find("search").hidden = direct;
    find("search").value = "";
    showClasses(row);
    const chosen = state.answers[state.at];
    find("bad").classList.toggle("chosen", Boolean(chosen && chosen.bad));
    window.scrollTo(0, 0);
  }

  function contents(row) {
    const made = [];
    if (row.picture) {
      const image = element("img", undefined, row.small ? "pixels" : "");
      image.src = row.picture;
      image.alt = `Row ${row.shown}`;
      const button = element("button", undefined, "picture");
      button.type = "button";
      button.title = "Enlarge (Z)";
      button.append(image);
      button.addEventListener("click", () => enlarge(row));
      made.push(button);
    }
    if (row.text) made.push(element("p", row.text, "text"));
    if (row.cells.length) {
      const box = element("div", undefined, "cells");
      const table = element("table");
      for (const [name, value] of row.cells) {
        const line = element("tr");
        line.append(element("th", name), element("td", value));
        table.append(line);
      }
      box.append(table);
      made.push(box);
    }
    if (!made.length) made.push(element("p", `Row ${row.shown} has nothing to show.`, "text"));
    return made;
  }

  function enlarge(row) {
    if (!row.picture) return;
    const image = element("img", undefined, row.small ? "pixels" : "");
    image.id = "enlarged";
    image.src = row.picture;
    image.alt = `Row ${row.shown}, enlarged`;
    find("frame").replaceChildren(image);
    find("large").showModal();
  }

  function shownClasses(row) {
    const all = classes.map((each, place) => place);
    if (direct) return all;
    const wanted = find("search").value.trim().toLowerCase();
    const first = hides() ? [row.given] : [...new Set([row.suggested, row.given])];
    const rest = all.filter((place) => !first.includes(place));
    const found = [...first, ...rest].filter((place) => classes[place].shown.toLowerCase().includes(wanted));
    const starts = (place) => Number(!classes[place].shown.toLowerCase().startsWith(wanted));
    return wanted ? found.sort((one, other) => starts(one) - starts(other)) : found;
  }

  function showClasses(row) {
    const chosen = state.answers[state.at];
    const buttons = shownClasses(row).map((place, position) => {
      const button = element("button");
      const text = element("span", classes[place].shown);
      const tags = [place === row.given && "given", place === row.suggested && !hides() && "suggested"].filter(Boolean);
      if (tags.length) text.append(element("small", tags.join(", ")));
      button.type = "button";
      button.append(text);
      const key = direct ? keys[place] : "1234567890"[position] || "";
      if (key) button.append(element("kbd", key));
      if (chosen && chosen.label === classes[place].name) button.classList.add("chosen");
      button.addEventListener("click", () => answer(classes[place].name, false));
      return button;
    });
    find("classes").className = direct ? "" : "many";
    find("classes").replaceChildren(...buttons);
  }

  function showEnd() {
    const given = Object.entries(state.answers);
    const bad = given.filter(([, each]) => each.bad).length;
    const kept = given.filter(([place, each]) => each.label === classes[rows[place].given].name).length;
    const left = rows.length - given.length;
    const counts = { "Label kept": kept, "Label changed": given.length - bad - kept, "Bad rows": bad, "Not answered": left };
    find("verdict").textContent = left ? "That was the last row" : "All rows are answered";
    find("left").hidden = left === 0;
    find("counts").replaceChildren(
      ...Object.entries(counts).map(([name, value]) => {
        const box = element("div");
        box.append(element("dt", name), element("dd", String(value)));
        return box;
      }),
    );
  }

  // what a spreadsheet would run as a formula gets an apostrophe before it; `meta-noise ingest` takes it away again
  function cell(text) {
    const inert = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/.test(text) ? `'${text}` : text;
    return `"${inert.replaceAll('"', '""')}"`;
  }

  function csv() {
    const lines = Object.entries(state.answers).map(([place, each]) =>
      [rows[place].id, each.label || "", each.bad ? "bad" : "labelled", rows[place].why, data.run].map(cell).join(","),
    );
    return ["id,answer,verdict,why,run", ...lines].join("\r\n") + "\r\n";
  }

  function download() {
    if (!answered()) return;
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv;charset=utf-8" }));
    link.download = data.file;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    state.saved = answered();
    keep();
  }

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || find("large").open) return;
    const row = rows[state.at];
    if (event.target === find("search")) {
      if (event.key === "Enter" && row) {
        const [place] = shownClasses(row);
        if (place !== undefined) answer(classes[place].name, false);
        find("search").focus();
      } else if (event.key === "Escape") {
        find("search").value = "";
        find("search").blur();
        if (row) showClasses(row);
      } else return;
      event.preventDefault();
      return;
    }
    const key = event.key.toLowerCase();
    if (key === "u" || key === "backspace") undo();
    else if (key === "arrowleft") go(state.at - 1);
    else if (!row) return;
    else if (key === "arrowright") go(state.at + 1);
    else if (key === "b") answer("", true);
    else if (key === "g") answer(classes[row.given].name, false);
    else if (key === "z") enlarge(row);
    else if (key === "s" && hides()) return;
    else if (key === "s") answer(classes[row.suggested].name, false);
    else if (key === "/" && !direct) find("search").focus();
    else if (/^[0-9]$/.test(key)) {
      const place = direct ? keys.indexOf(key) : shownClasses(row)["1234567890".indexOf(key)];
      if (place === undefined || place < 0) return;
      answer(classes[place].name, false);
    } else return;
    event.preventDefault();
  }

  function firstLeft() {
    const place = rows.findIndex((row, position) => !state.answers[position]);
    go(place < 0 ? rows.length : place);
  }

  find("bad").addEventListener("click", () => answer("", true));
  find("undo").addEventListener("click", undo);
  find("back").addEventListener("click", () => go(state.at - 1));
  find("skip").addEventListener("click", () => go(state.at + 1));
  find("left").addEventListener("click", firstLeft);
  find("download").addEventListener("click", download);
  find("save").addEventListener("click", download);
  find("blind").addEventListener("change", () => {
    state.blind = find("blind").checked;
    go(state.at);
  });
  find("frame").addEventListener("click", () => find("large").close());
  find("search").addEventListener("input", () => showClasses(rows[state.at]));
  document.addEventListener("keydown", pressed);
  window.addEventListener("beforeunload", (event) => {
    if (!keeps && answered() > state.saved) event.preventDefault();
  });
  find("keys").textContent = direct
    ? "Keys: the number on a button; G keeps the given label, S takes the suggested one, Z enlarges a picture."
    : "Keys: / to find a class, Enter takes the first; G keeps the given label, S takes the suggested one, Z enlarges a picture.";
  restore();
  show();
})();
