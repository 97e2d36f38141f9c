// What a pointer adds to the page: a tip beside it, and in the service graph the neighbours of what it is on.
/* global document, window */

const tip = document.createElement("div");
tip.id = "tip";
tip.hidden = true;
document.body.append(tip);

// The browser's own tips of SVG titles come late and would stand beside this one.
for (const title of document.querySelectorAll("svg g > title")) {
  title.parentElement.dataset.tip = title.textContent;
  title.remove();
}

document.addEventListener("pointerover", ({ target, pointerType }) => {
  const content = pointerType === "touch" ? undefined : tipOf(target);
  tip.hidden = content === undefined;
  if (content !== undefined) tip.replaceChildren(content);
  showNeighbours(target.closest('[data-service]:not([data-service=""]), [data-from]'));
});

document.addEventListener("pointermove", ({ clientX, clientY }) => {
  if (tip.hidden) return;
  const away = 14;
  const { offsetWidth: width, offsetHeight: height } = tip;
  const right = clientX + away + width < window.innerWidth;
  const top = Math.min(clientY + away, window.innerHeight - height - away);
  tip.style.left = `${Math.max(0, right ? clientX + away : clientX - away - width)}px`;
  tip.style.top = `${Math.max(0, top)}px`;
});

document.addEventListener("click", () => {
  tip.hidden = true;
});

function tipOf(target) {
  const drawn = target.closest("[data-tip]");
  if (drawn) return drawn.dataset.tip;
  const row = target.closest(".waterfall summary")?.parentElement;
  return row && !row.open ? row.querySelector("dl").cloneNode(true) : undefined;
}

function showNeighbours(subject) {
  for (const element of document.querySelectorAll(".near, .focus")) element.classList.remove("near", "focus");
  if (!subject) return;
  const graph = subject.closest(".demo").querySelector(".graph svg");
  const { service, from, to } = subject.dataset;
  const edges = [...graph.querySelectorAll("[data-from]")].filter(({ dataset }) =>
    service === undefined
      ? dataset.from === from && dataset.to === to
      : dataset.from === service || dataset.to === service,
  );
  const names = new Set([service, ...edges.flatMap(({ dataset }) => [dataset.from, dataset.to])]);
  const services = [...graph.querySelectorAll("[data-service]")].filter(({ dataset }) =>
    names.has(dataset.service),
  );
  graph.classList.add("focus");
  for (const element of [...edges, ...services]) element.classList.add("near");
}
