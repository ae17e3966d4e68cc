"use strict";
// The drawing, the search box and the legend. The layout is the same each time the same graph is drawn.

const KINDS = ["PERSON", "ORG", "PLACE", "PRODUCT", "WORK", "OTHER", "DATE", "VALUE", "TITLE"];
const Asked = new Set(Graph.graph.entities);
const Lines = new Map();
const hidden = new Set();
const FONT = getComputedStyle(document.body).fontFamily;
const measured = document.createElement("canvas").getContext("2d");
let drawing;
let chosen = "";

function short(text, most) {
  let width = 0;
  for (let i = 0; i < text.length; i++) {
    width += text.charCodeAt(i) > 0x2e80 ? 2 : 1;
    if (width > most) return `${text.slice(0, i).trimEnd()}…`;
  }
  return text;
}

function elements() {
  const nodes = Graph.nodes.map((node) => ({
    group: "nodes",
    data: {
      id: node.id, kind: node.kind || "passage",
      label: node.type === "entity" ? short(node.name, 30) : short(node.source.split("/").pop() + (node.page ? `, ${node.page}` : ""), 30),
      letters: 12, size: node.type === "entity" ? Math.round(13 + 7 * Math.log2(1 + node.passages)) : 13,
    },
    classes: `${node.type} ${Asked.has(node.id) ? "asked" : ""} ${Steps.length && node.type === "entity" ? "way" : ""}`,
  }));
  for (const edge of Graph.edges) {
    const key = JSON.stringify([edge.type, edge.source, edge.target, edge.relation || ""]);
    if (!Lines.has(key)) Lines.set(key, []);
    Lines.get(key).push(edge);
  }
  const edges = [...Lines].map(([key, same]) => ({
    group: "edges",
    data: { id: key, source: same[0].source, target: same[0].target, label: short(same[0].relation || "", 24) },
    classes: same[0].type,
  }));
  return [...nodes, ...edges];
}

function style() {
  const of = getComputedStyle(document.documentElement);
  const colour = (name) => of.getPropertyValue(`--${name}`).trim();
  const text = {
    "font-family": FONT,
    color: colour("ink"), "text-outline-color": colour("paper"), "text-outline-width": 2.5,
  };
  return [
    { selector: "node", style: { ...text, label: "data(label)", width: "data(size)", height: "data(size)", "font-size": "data(letters)",
      "z-index": "data(size)", "text-valign": "bottom", "text-margin-y": 3, "border-width": 1.5, "border-color": colour("paper") } },
    ...KINDS.map((kind) => ({ selector: `node[kind = "${kind}"]`, style: { "background-color": colour(kind) } })),
    { selector: 'node[kind = "TITLE"]', style: { shape: "round-diamond" } },
    { selector: "node.passage", style: { shape: "round-rectangle", height: 16, "background-color": colour("passage"),
      "border-color": colour("edge-passage"), color: colour("soft") } },
    { selector: "node.asked", style: { "font-weight": 700, "border-width": 4, "border-color": colour("accent") } },
    { selector: "node.way", style: { "font-weight": 600 } },
    { selector: "edge", style: { "curve-style": "straight", width: 1.1, "line-color": colour("mention") } },
    { selector: "edge.fact", style: { ...text, "curve-style": "bezier", width: 1.8, "line-color": colour("accent"), "target-arrow-color": colour("accent"),
      "target-arrow-shape": "triangle", "arrow-scale": 0.8, label: "data(label)", "font-size": 9, "text-rotation": "autorotate",
      "min-zoomed-font-size": 11.5, color: colour("accent"), "line-opacity": Lines.size > 150 ? 0.5 : 0.75 } },
    { selector: "edge.alias", style: { "curve-style": "bezier", width: 1.8, "line-style": "dashed", "line-color": colour("alias") } },
    { selector: ".quiet", style: { "text-opacity": 0, "text-outline-opacity": 0 } },
    { selector: ".off", style: { display: "none" } },
    { selector: "node.faint", style: { opacity: 0.14 } },
    { selector: "edge.faint", style: { opacity: 0.07 } },
    { selector: "edge.near", style: { width: 2, "z-index": 5, "line-opacity": 1, "min-zoomed-font-size": 5 } },
    { selector: "node.chosen", style: { "border-width": 4, "border-color": colour("accent"), "font-weight": 700 } },
    { selector: "edge.chosen", style: { width: 4, "z-index": 6 } },
  ];
}

// Math.random of a fixed seed while the layout runs (mulberry32).
function seeded(run) {
  const random = Math.random;
  let state = 20251125;
  Math.random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  try { run(); } finally { Math.random = random; }
}

function layout() {
  const visible = drawing.elements().not(".off");
  if (Steps.length) inLine();
  else seeded(() => visible.layout({
    name: "cose", animate: false, randomize: true, numIter: 1500, fit: false,
    idealEdgeLength: (edge) => (edge.hasClass("mention") ? 40 : 80), edgeElasticity: () => 60,
    nodeRepulsion: (node) => (node.hasClass("passage") ? 6000 : 14000), nodeOverlap: 16, gravity: 0.8, componentSpacing: 50,
  }).run());
  if (!Steps.length) spread(visible.nodes());
  drawing.fit(visible, 50);
  if (drawing.zoom() > 1.4) { drawing.zoom(1.4); drawing.center(visible); }
}

// A way lies from left to right, the passages that join its entities below the steps.
function inLine() {
  const stops = [Steps[0].source, ...Steps.map((step) => step.target)];
  stops.forEach((id, i) => drawing.getElementById(id).position({ x: 210 * i, y: 0 }));
  Steps.forEach((step, i) => drawing.getElementById(`p:${step.passage_id}`).position({ x: 210 * i + 105, y: 95 }));
  drawing.edges(".fact, .alias").addClass("near");
}

// Turn the drawing so that its longer side lies along the window's, even out where it is crowded and where it is
// empty, and stretch it, within bounds, to fill the window.
function spread(nodes) {
  if (nodes.length < 3) return;
  const at = nodes.map((node) => node.position());
  const mean = ["x", "y"].map((axis) => at.reduce((sum, p) => sum + p[axis], 0) / at.length);
  const of = (one, other) => at.reduce((sum, p) => sum + (p[one] - mean[one === "x" ? 0 : 1]) * (p[other] - mean[other === "x" ? 0 : 1]), 0);
  const angle = Math.atan2(2 * of("x", "y"), of("x", "x") - of("y", "y")) / 2;
  const turned = at.map((p) => [p.x - mean[0], p.y - mean[1]])
    .map(([x, y]) => [x * Math.cos(angle) + y * Math.sin(angle), y * Math.cos(angle) - x * Math.sin(angle)]);
  const size = [0, 1].map((i) => Math.max(...turned.map((p) => p[i])) - Math.min(...turned.map((p) => p[i])) || 1);
  const wider = Math.max(1, Math.sqrt(nodes.length / 80));
  const room = [drawing.width() - 140, drawing.height() - 170].map((length) => wider * Math.max(length, 200));
  const even = 0.5 * Math.min(1, nodes.length / 150);
  for (const i of [0, 1]) {
    const order = turned.map((_, n) => n).sort((a, b) => turned[a][i] - turned[b][i]);
    const first = turned[order[0]][i];
    order.forEach((n, rank) => { turned[n][i] += even * (first + (rank / order.length) * size[i] - turned[n][i]); });
  }
  const scale = room.map((length, i) => length / size[i]);
  const least = Math.min(...scale);
  nodes.forEach((node, i) => {
    turned[i] = [turned[i][0] * Math.min(scale[0], 1.9 * least), turned[i][1] * Math.min(scale[1], 1.9 * least)];
  });
  const radii = nodes.map((node) => node.data("size") / 2);
  for (let round = 0; round < 60 && apart(turned, radii); round++);
  nodes.forEach((node, i) => node.position({ x: turned[i][0], y: turned[i][1] }));
}

// Push nodes apart that lie on each other; a name below a node needs room, too. Whether any did.
function apart(places, radii) {
  let pushed = false;
  for (let i = 0; i < places.length; i++) {
    for (let j = i + 1; j < places.length; j++) {
      const [dx, dy] = [places[j][0] - places[i][0] || 0.1 * (j - i), (places[j][1] - places[i][1]) / 1.25];
      const [far, want] = [Math.hypot(dx, dy), radii[i] + radii[j] + 13];
      if (far >= want) continue;
      const push = Math.min(want - far, 12) / 2 / far;
      places[i] = [places[i][0] - dx * push, places[i][1] - dy * push * 1.25];
      places[j] = [places[j][0] + dx * push, places[j][1] + dy * push * 1.25];
      pushed = true;
    }
  }
  return pushed;
}

const letters = (node) => (node.hasClass("asked") ? 15 : node.hasClass("passage") ? 10 : 12);

// As on a map: letters keep their size on the screen, and a label that would lie on a more telling one is not shown.
function label() {
  const zoom = drawing.zoom();
  const weight = (node) => 1e6 * node.hasClass("chosen") + 1e5 * node.hasClass("asked") + 1e4 * node.hasClass("near") * node.hasClass("entity")
    + 1e3 * node.hasClass("way") + (node.hasClass("passage") ? (node.hasClass("near") ? 1 : -1e9) : node.data("size"));
  const taken = [];
  drawing.batch(() => drawing.nodes().not(".off").sort((a, b) => weight(b) - weight(a)).forEach((node) => {
    const px = letters(node);
    node.data("letters", px / zoom);
    measured.font = `${px}px ${FONT}`;
    const half = measured.measureText(node.data("label")).width / 2 + 3;
    const { x, y } = node.renderedPosition();
    const top = y + (node.data("size") / 2) * zoom;
    const box = [x - half, top, x + half, top + px + 6];
    const free = weight(node) > -1e8 && taken.every(([a, b, c, d]) => box[2] < a || c < box[0] || box[3] < b || d < box[1]);
    node.toggleClass("quiet", !free);
    if (free) taken.push(box);
  }));
}

let waiting = 0;
function labelSoon() {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(label);
}

function choose(id, move = true) {
  chosen = id;
  const element = id ? drawing.getElementById(id) : drawing.collection();
  drawing.elements().removeClass("faint near chosen");
  if (element.nonempty()) {
    const near = element.isNode() ? element.closedNeighborhood() : element.union(element.connectedNodes());
    drawing.elements().not(near).addClass("faint");
    near.addClass("near");
    element.addClass("chosen");
    if (move && element.isNode()) drawing.animate({ center: { eles: element } }, { duration: 250 });
  }
  labelSoon();
  if (Lines.has(id)) document.getElementById("panel").replaceChildren(...linePanel(Lines.get(id)));
  else showPanel(id);
}

function legend() {
  const count = (kind) => Graph.nodes.filter((node) => (node.kind || "passage") === kind).length;
  const nodes = [...KINDS, "passage"].filter(count).map((kind) => [kind, dot(kind), count(kind)]);
  const edges = ["fact", "alias", "mention"].map((type) => [type, make("span", `stroke ${type}`), Graph.edges.filter((e) => e.type === type).length]);
  const buttons = [...nodes, ...edges.filter((row) => row[2])].map(([name, mark, number]) => {
    const button = make("button", "", mark, say(name), make("small", "", String(number)));
    button.type = "button";
    button.setAttribute("aria-pressed", String(!hidden.has(name)));
    button.addEventListener("click", () => toggle(name));
    return button;
  });
  document.getElementById("legend").replaceChildren(...buttons);
}

function toggle(name) {
  if (!hidden.delete(name)) hidden.add(name);
  drawing.elements().forEach((element) => {
    const is = element.isNode() ? element.data("kind") : ["fact", "alias", "mention"].find((type) => element.hasClass(type));
    element.toggleClass("off", hidden.has(is));
  });
  legend();
  labelSoon();
}

function matches(text) {
  const asked = text.trim().toLowerCase();
  if (!asked) return [];
  const score = (node) => {
    const names = node.type === "entity" ? [node.name, node.key] : [];
    if (names.some((name) => name.toLowerCase().startsWith(asked))) return 3;
    if (names.some((name) => name.toLowerCase().includes(asked))) return 2;
    return node.type === "passage" && [node.source, node.heading, node.words].join("\n").toLowerCase().includes(asked) ? 1 : 0;
  };
  const found = Graph.nodes.map((node) => [score(node), node]).filter(([points]) => points);
  return found.sort((a, b) => b[0] - a[0] || (b[1].passages || 0) - (a[1].passages || 0)).slice(0, 12).map(([, node]) => node);
}

function search() {
  const box = document.getElementById("search");
  const list = document.getElementById("found");
  let at = 0;
  const close = () => { list.hidden = true; box.setAttribute("aria-expanded", "false"); };
  const take = (node) => { if (node) { choose(node.id); box.value = node.name || ""; close(); } };
  const show = () => {
    const found = matches(box.value);
    at = Math.max(0, Math.min(at, found.length - 1));
    list.replaceChildren(...found.map((node, i) => {
      const row = make("li", "", dot(node.kind || "passage"), words("span", "", short(node.name || node.words, 34)),
        make("small", "", node.type === "entity" ? say(node.kind) : node.source.split("/").pop()));
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(i === at));
      row.addEventListener("mousedown", (event) => { event.preventDefault(); take(node); });
      return row;
    }));
    list.hidden = !found.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
    return found;
  };
  box.addEventListener("input", () => { at = 0; show(); });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { at += event.key === "ArrowDown" ? 1 : -1; show(); event.preventDefault(); }
    if (event.key === "Enter") take(show()[at]);
    if (event.key === "Escape") { box.value = ""; close(); choose(""); }
  });
}

function labels() {
  const dark = document.documentElement.dataset.theme === "dark";
  document.documentElement.lang = tongue;
  document.getElementById("heading").textContent = say("heading")(Graph.collection);
  document.title = say("heading")(Graph.collection);
  document.getElementById("search").placeholder = say("search");
  document.getElementById("fit").textContent = say("fit");
  document.getElementById("tongue").textContent = say("tongue");
  document.getElementById("theme").textContent = say(dark ? "light" : "theme");
  const note = document.getElementById("note");
  note.hidden = !Object.values(Graph.graph.left_out).some(Boolean);
  note.textContent = say("left")(Graph.graph.left_out);
  legend();
}

function start() {
  if (matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.dataset.theme = "dark";
  labels();
  drawing = cytoscape({ container: document.getElementById("drawing"), elements: elements(), style: style(), layout: { name: "preset" },
    minZoom: 0.1, maxZoom: 4, boxSelectionEnabled: false, autounselectify: true });
  layout();
  label();
  drawing.on("zoom", labelSoon);
  drawing.on("free", "node", labelSoon);
  drawing.on("tap", "node, edge", (event) => choose(event.target.id(), false));
  drawing.on("tap", (event) => { if (event.target === drawing) choose(""); });
  drawing.on("mouseover", "node, edge", () => { document.getElementById("drawing").style.cursor = "pointer"; });
  drawing.on("mouseout", "node, edge", () => { document.getElementById("drawing").style.cursor = ""; });
  document.getElementById("fit").addEventListener("click", () => { choose(""); drawing.animate({ fit: { padding: 60 } }, { duration: 250 }); });
  document.getElementById("tongue").addEventListener("click", () => { tongue = tongue === "en" ? "zh" : "en"; labels(); choose(chosen, false); });
  document.getElementById("theme").addEventListener("click", () => {
    const root = document.documentElement;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    labels();
    drawing.style(style());
  });
  search();
  showPanel(Steps.length ? "" : Graph.graph.entities[0] || "");
  document.body.dataset.ready = "yes";
}

start();
