// The frame of every page: nothing here is needed for a page to work.
const token = () => document.cookie.split("; ").find((c) => c.startsWith("csrftoken="))?.slice(10) ?? "";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = token();
});

for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// A long list of choices gets a box that narrows it; without this script the list is whole.
for (const select of document.querySelectorAll("select[data-find]")) {
  if (select.options.length <= 12) continue;
  const box = document.createElement("input");
  box.type = "search";
  box.className = "find";
  box.setAttribute("aria-label", select.labels[0]?.textContent.trim() ?? "");
  box.placeholder = document.documentElement.lang === "en" ? "Find in the list" : "在列表中查找";
  select.before(box);
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLowerCase();
    for (const option of select.options) {
      const group = option.parentElement.label ?? "";
      option.hidden = Boolean(wanted && option.value) && !`${group} ${option.textContent}`.toLowerCase().includes(wanted);
    }
    for (const group of select.querySelectorAll("optgroup")) {
      group.hidden = [...group.children].every((option) => option.hidden);
    }
    const first = [...select.options].find((option) => option.value && !option.hidden);
    if (wanted && first) select.value = first.value;
  });
}

// The same for a list of boxes to tick, with the count of what is ticked.
const english = document.documentElement.lang === "en";
for (const list of document.querySelectorAll("div.checklist")) {
  const boxes = [...list.querySelectorAll("input")];
  if (boxes.length <= 6) continue;
  const bar = document.createElement("div");
  bar.className = "checklist-find";
  const box = document.createElement("input");
  box.type = "search";
  box.placeholder = english ? "Find in the list" : "在列表中查找";
  box.setAttribute("aria-label", box.placeholder);
  const count = document.createElement("output");
  const tell = () => { count.textContent = `${english ? "Chosen" : "已选"} ${boxes.filter((b) => b.checked).length}`; };
  bar.append(box, count);
  list.before(bar);
  list.addEventListener("change", tell);
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLowerCase();
    for (const each of boxes) {
      const row = each.closest("label");
      row.hidden = Boolean(wanted) && !row.textContent.toLowerCase().includes(wanted) && !each.value.toLowerCase().includes(wanted);
    }
  });
  box.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  tell();
}

// What scrolls sideways can be scrolled by the keyboard, too.
for (const box of document.querySelectorAll(".table-wrap, .preview")) {
  if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    const text = document.querySelector(button.dataset.copy).textContent.trim();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const word = button.querySelector("[data-word]") ?? button;
    word.textContent = button.dataset.done;
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A part that is polled is not replaced while the reader has something open in it.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("[data-hold-open]") && event.target.querySelector("details[open]")) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) {
    event.preventDefault();
    document.querySelector(".topbar .search input")?.focus();
  }
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  }
});

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button:not([name])")) setTimeout(() => { button.disabled = true; });
  });
}

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
