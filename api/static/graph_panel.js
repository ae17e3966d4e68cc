"use strict";
// What stands beside the drawing: one entity, passage, edge or way, in words. Everything that comes from
// documents is written as text (`textContent`), never as HTML.

const Graph = JSON.parse(document.getElementById("data").textContent);
const Node = new Map(Graph.nodes.map((node) => [node.id, node]));
const Steps = Graph.graph.steps || [];

const WORDS = {
  en: {
    heading: (name) => `${name}: the graph`, around: "Around", path: "From", to: "to", search: "Find a name or words in passages",
    fit: "Show all", theme: "Dark", light: "Light", tongue: "中文", nothing: "There is nothing here.",
    PERSON: "person", ORG: "organisation", PLACE: "place", DATE: "date", PRODUCT: "product", WORK: "work",
    OTHER: "name", TITLE: "title", VALUE: "value", passage: "passage", fact: "fact", alias: "other name",
    mention: "mention", names: "Also called", facts: "Facts", together: "Named together with",
    passages: "Passages", named: "Names", introduced: "is another name of", way: "The way, step by step",
    in: (n) => (n === 1 ? "in 1 passage" : `in ${n} passages`), more: (n) => `${n} more`,
    look: "Draw what is around it", joins: "name each other in", mentions: "is named in", times: (n) => `${n} times`,
    left: (n) => `The limit left out ${[["entities", "name"], ["passages", "passage"], ["facts", "fact"]]
      .filter(([key]) => n[key]).map(([key, word]) => `${n[key].toLocaleString("en")} ${word}${n[key] > 1 ? "s" : ""}`)
      .join(", ")}.`,
    summary: (e, p, f) => `${e} names, ${p} passages, ${f} facts.`,
    help: "Click a name or a passage to read what the documents say of it, or a line to read the words behind it.",
    most: "Named most often", page: (source, page) => (page ? `${source}, page ${page}` : source),
  },
  zh: {
    heading: (name) => `${name}：知识图谱`, around: "周边", path: "从", to: "到", search: "查找名称或段落文字", fit: "显示全部",
    theme: "深色", light: "浅色", tongue: "English", nothing: "这里没有内容。",
    PERSON: "人物", ORG: "机构", PLACE: "地点", DATE: "日期", PRODUCT: "产品", WORK: "作品", OTHER: "名称", TITLE: "标题",
    VALUE: "数值", passage: "段落", fact: "事实", alias: "别名", mention: "提及", names: "别名", facts: "事实",
    together: "一同出现", passages: "段落", named: "提到的名称", introduced: "是别名，指", way: "逐步路径",
    in: (n) => `见于 ${n} 个段落`, more: (n) => `另有 ${n} 个`, look: "以此为中心绘图", joins: "同见于", mentions: "见于",
    times: (n) => `${n} 次`,
    left: (n) => `受数量上限所限，未显示${[["entities", "个名称"], ["passages", "个段落"], ["facts", "条事实"]]
      .filter(([key]) => n[key]).map(([key, word]) => ` ${n[key]} ${word}`).join("、")}。`,
    summary: (e, p, f) => `${e} 个名称，${p} 个段落，${f} 条事实。`,
    help: "点击名称或段落，查看文档中的说法；点击连线，查看其依据的原文。", most: "出现最多",
    page: (source, page) => (page ? `${source}，第 ${page} 页` : source),
  },
};
let tongue = (navigator.language || "en").startsWith("zh") ? "zh" : "en";
const say = (key) => WORDS[tongue][key];

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const child of children) element.append(child);
  return element;
}

function words(tag, className, text) {
  const element = make(tag, className, text);
  element.dir = "auto";
  return element;
}

function dot(kind) {
  const element = make("span", kind === "passage" ? "dot passage" : "dot");
  if (kind !== "passage") element.style.background = `var(--${kind})`;
  return element;
}

function link(id, text) {
  const element = words("button", "link", text);
  element.type = "button";
  element.addEventListener("click", () => choose(id));
  return element;
}

function chips(ids, note = () => "") {
  const rows = ids.map((id) => {
    const button = make("button", "", dot(Node.get(id).kind), words("span", "", Node.get(id).name));
    button.type = "button";
    if (note(id)) button.append(make("small", "", note(id)));
    button.addEventListener("click", () => choose(id));
    return button;
  });
  return few(rows, 14, "chips");
}

// The first rows of a list, and a button that shows the others.
function few(rows, most, className = "") {
  const box = make("div", className, ...rows.slice(0, most));
  if (rows.length > most) {
    const button = make("button", className ? "" : "link", say("more")(rows.length - most));
    button.type = "button";
    button.addEventListener("click", () => button.replaceWith(...rows.slice(most)));
    box.append(button);
  }
  return box;
}

// A quotation in which the given names are marked.
function quote(text, names) {
  const box = words("blockquote", "", "");
  const low = text.toLowerCase();
  const spans = [];
  for (const name of names.map((n) => n.toLowerCase()).filter(Boolean).sort((a, b) => b.length - a.length)) {
    for (let at = low.indexOf(name); at >= 0; at = low.indexOf(name, at + name.length)) {
      if (spans.every(([a, b]) => at >= b || at + name.length <= a)) spans.push([at, at + name.length]);
    }
  }
  let end = 0;
  for (const [a, b] of spans.sort((one, other) => one[0] - other[0])) {
    box.append(text.slice(end, a), make("mark", "", text.slice(a, b)));
    end = b;
  }
  box.append(text.slice(end));
  return box;
}

function where(said) {
  const id = `p:${said.passage_id}`;
  return Node.has(id) ? make("div", "soft", link(id, said.place)) : words("div", "soft", said.place);
}

const both = (edge) => [edge.source, edge.target].map((id) => Node.get(id)).flatMap((n) => [n.name || "", n.key || ""]);

function told(edge, from) {
  const other = edge.source === from ? edge.target : edge.source;
  const line = words("div", "", "");
  const relation = make("span", "relation", edge.relation || say("introduced"));
  if (!from) line.append(link(edge.source, Node.get(edge.source).name), " ", relation, " ", link(edge.target, Node.get(edge.target).name));
  else if (edge.source === from) line.append(relation, " ", link(other, Node.get(other).name));
  else line.append(link(other, Node.get(other).name), " ", relation, " ", words("b", "", Node.get(from).name));
  return line;
}

// What the same words say stands together above them.
function said(edges, from, most) {
  const groups = new Map();
  for (const edge of edges) {
    const key = JSON.stringify([edge.words, edge.place]);
    groups.set(key, [...(groups.get(key) || []), edge]);
  }
  const rows = [...groups.values()].map((same) =>
    make("div", "said", ...same.map((edge) => told(edge, from)), quote(same[0].words, same.flatMap(both)), where(same[0])));
  return few(rows, most);
}

function section(title, body) {
  return [make("h3", "", title), body];
}

const edgesOf = (id, type) => Graph.edges.filter((e) => e.type === type && (e.source === id || e.target === id));

function unique(values) {
  return [...new Set(values)];
}

function entityPanel(node) {
  const out = [words("h2", "", node.name), make("p", "soft", dot(node.kind), `${say(node.kind)}, ${say("in")(node.passages)}`)];
  if (/\/graph\.html$/.test(location.pathname)) {
    const around = make("a", "", say("look"));
    around.href = `?entity=${encodeURIComponent(node.key)}`;
    out.push(make("p", "", around));
  }
  const aliases = edgesOf(node.id, "alias");
  if (aliases.length) out.push(...section(say("names"), said(aliases, node.id, 4)));
  const facts = edgesOf(node.id, "fact");
  if (facts.length) out.push(...section(`${say("facts")} (${facts.length})`, said(facts, node.id, 6)));
  const passages = unique(edgesOf(node.id, "mention").map((edge) => edge.source));
  const counts = new Map();
  for (const passage of passages) {
    for (const id of unique(edgesOf(passage, "mention").map((edge) => edge.target))) counts.set(id, (counts.get(id) || 0) + 1);
  }
  counts.delete(node.id);
  const near = [...counts].sort((a, b) => b[1] - a[1]).map(([id]) => id);
  if (near.length) out.push(...section(say("together"), chips(near, (id) => (counts.get(id) > 1 ? String(counts.get(id)) : ""))));
  if (passages.length) out.push(...section(say("passages"), few(passages.map((id) => passageRow(id, [node.name, node.key])), 5)));
  return out;
}

function passageRow(id, names) {
  const node = Node.get(id);
  const place = say("page")(node.source, node.page);
  return make("div", "said", quote(node.words, names), make("div", "soft", link(id, place)));
}

function passagePanel(node) {
  const named = unique(edgesOf(node.id, "mention").map((edge) => edge.target));
  const heading = [node.title, node.heading].filter(Boolean).join(" > ");
  const place = say("page")(node.source, node.page);
  const out = [words("h2", "", heading || node.source), make("p", "soft", dot("passage"), words("span", "", place))];
  out.push(quote(node.words, named.map((id) => Node.get(id).name)));
  if (named.length) out.push(...section(say("named"), chips(named)));
  const facts = Graph.edges.filter((e) => e.type !== "mention" && e.passage_id === node.passage_id);
  if (facts.length) out.push(...section(say("facts"), said(facts, "", 8)));
  return out;
}

// One line of the drawing: all edges between its two ends.
function linePanel(edges) {
  const { type, source, target } = edges[0];
  if (type !== "mention") return [make("h2", "", say(type)), said(edges, "", 12)];
  const passage = Node.get(source);
  const head = make("p", "", link(target, Node.get(target).name), ` ${say("mentions")} `, link(source, passage.source), edges.length > 1 ? `, ${say("times")(edges.length)}` : "");
  return [make("h2", "", say(type)), head, quote(passage.words, edges.map((edge) => edge.words))];
}

function pathPanel() {
  const names = [Steps[0].source, Steps.at(-1).target].map((id) => Node.get(id).name);
  const out = [words("h2", "", `${names[0]} → ${names[1]}`)];
  const rows = Steps.map((step) => {
    const [one, other] = step.backwards ? [step.target, step.source] : [step.source, step.target];
    const relation = step.by === "fact" ? step.relation : step.by === "alias" ? say("introduced") : "+";
    const line = words("div", "", "");
    line.append(link(one, Node.get(one).name), " ", make("span", "relation", relation), " ", link(other, Node.get(other).name));
    return make("li", "said", line, quote(step.words, both(step)), where(step));
  });
  out.push(...section(say("way"), make("ol", "steps", ...rows)));
  return out;
}

function startPanel() {
  const count = (list, type) => list.filter((item) => item.type === type).length;
  const numbers = [count(Graph.nodes, "entity"), count(Graph.nodes, "passage"), count(Graph.edges, "fact")];
  if (!Graph.nodes.length) return [make("h2", "", say("nothing"))];
  const most = Graph.nodes.filter((n) => n.type === "entity").sort((a, b) => b.passages - a.passages).slice(0, 14);
  return [words("h2", "", Graph.collection), make("p", "", say("summary")(...numbers)), make("p", "soft", say("help")),
    ...section(say("most"), chips(most.map((node) => node.id), (id) => String(Node.get(id).passages)))];
}

function showPanel(id) {
  const node = Node.get(id);
  const panel = document.getElementById("panel");
  const body = node ? (node.type === "entity" ? entityPanel(node) : passagePanel(node)) : Steps.length ? pathPanel() : startPanel();
  panel.replaceChildren(...body);
  panel.scrollTop = 0;
}
