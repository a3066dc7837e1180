"use strict";
import { EventStream, GraphQLSocket, PlainSocket, execute, token } from "/assets/connections.js";

const $ = (id) => document.getElementById(id);
const HISTORY = 100;

// Builds an element; text is always text, never markup.
function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

const clock = (value) => (value ? new Date(value).toLocaleTimeString([], { hour12: false }) : "");
const bytes = (count) => {
  if (!Number.isFinite(count)) return "";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) { count /= 1024; unit += 1; }
  return `${count.toFixed(unit ? 1 : 0)} ${units[unit]}`;
};

// MARK: Rows by key, newest change first

function keyedTable(body, row) {
  const rows = new Map();
  const nothing = [...body.children];
  return {
    set(key, value) {
      if (!rows.size) body.replaceChildren();
      if (rows.has(key)) rows.get(key).remove();
      const node = element("tr", {}, ...row(value));
      rows.set(key, node);
      body.prepend(node);
      while (rows.size > 200) { const [oldest] = rows.keys(); this.remove(oldest); }
    },
    remove(key) {
      if (!rows.has(key)) return;
      rows.get(key).remove();
      rows.delete(key);
      if (!rows.size) body.replaceChildren(...nothing);
    },
  };
}
const cell = (text, className = "") => element("td", { className, textContent: text ?? "" });

const onus = keyedTable($("onus"), (event) => [
  cell(event.onu_serial),
  element("td", {}, element("span", { className: `state ${event.status === "online" ? "connected" : event.status === "offline" ? "error" : "reconnecting"}`, textContent: event.status })),
  cell(event.signal_dbm === undefined || event.signal_dbm === null ? "" : `${event.signal_dbm} dBm`, "number"),
  cell([event.olt_id, event.pon_port].filter(Boolean).join(" / "), "extra"), cell(clock(event.timestamp)),
]);
const sessionFacts = new Map();
const sessions = keyedTable($("sessions"), (event) => [
  cell(event.username), cell(event.framed_ip_address), cell(event.bandwidth_profile, "extra"),
  cell(bytes(event.bytes_in), "number"), cell(bytes(event.bytes_out), "number"),
]);
const tickets = keyedTable($("tickets"), (ticket) => [
  cell(ticket.number), cell(ticket.title, "long"), cell(ticket.status), cell(ticket.priority), cell(ticket.last),
]);

// MARK: History and toasts

let history = [];
// What an event tells, without what every event has.
function brief(event) {
  const { event_type: _type, type: _kind, tenant_id: _tenant, timestamp: _time, ...rest } = event;
  const text = Object.entries(rest).filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
function remember(source, message, isOlder) {
  // The result of a subscription has one field, and what that holds is the event.
  const [field, value] = message.data ? Object.entries(message.data)[0] : [];
  const event = value ?? message;
  const type = field ?? event.event_type ?? (event.type ? `${source}: ${event.type}` : source);
  const time = clock(event.timestamp || Date.now());
  const item = element("li", {}, element("time", { textContent: time }), element("strong", { textContent: type + " " }),
    element("code", { textContent: brief(event) }));
  // What is older comes stream by stream, and is put in its place.
  const place = isOlder ? history.findIndex((it) => it.timestamp <= event.timestamp) : 0;
  history.splice(place < 0 ? history.length : place, 0, Object.assign(item, { timestamp: event.timestamp ?? "" }));
  $("history").insertBefore(item, history[history.indexOf(item) + 1] ?? null);
  while (history.length > HISTORY) history.pop().remove();
  $("history-count").textContent = `${history.length} of the last ${HISTORY}`;
}
$("clear").addEventListener("click", () => { history = []; $("history").replaceChildren(); $("history-count").textContent = ""; });

function toast(severity, title, text) {
  const close = element("button", { type: "button", textContent: "Dismiss" });
  const node = element("div", { className: `toast ${severity}`, role: severity === "critical" || severity === "error" ? "alert" : "status" },
    element("span", { className: "severity", textContent: `${severity}: ${title}` }), element("p", { textContent: text }), close);
  close.addEventListener("click", () => node.remove());
  $("toasts").append(node);
  while ($("toasts").children.length > 5) $("toasts").firstChild.remove();
  // What is grave stays until it is dismissed.
  if (severity !== "critical" && severity !== "error") setTimeout(() => node.remove(), 8000);
}

// MARK: Connections

const connections = [];
function watch(connection, heard) {
  connections.push(connection);
  connection.addEventListener("state", show);
  connection.addEventListener("message", ({ payload, isOlder }) => {
    remember(connection.name, payload, isOlder);
    heard(payload, isOlder);
    show();
  });
  return connection.start();
}

function unwatch(connection) {
  connection.stop();
  connections.splice(connections.indexOf(connection), 1);
  show();
}

let isShowing = false;
function show() {
  if (isShowing) return;
  isShowing = true;
  requestAnimationFrame(() => {
    isShowing = false;
    $("connections").replaceChildren(...connections.map((it) => element("tr", {},
      element("th", { scope: "row", textContent: it.name }),
      element("td", {}, element("span", { className: `state ${it.state}`, textContent: it.state, title: it.reason })),
      cell(String(it.attempt), "number"), cell(it.state === "reconnecting" ? `${it.delay} s` : "", "number"),
      cell(it.latency === null ? "" : `${it.latency} ms`, "number"), cell(it.lastEvent ? clock(it.lastEvent) : ""))));
    const order = ["error", "reconnecting", "connecting", "disconnected", "connected"];
    const worst = order.find((state) => connections.some((it) => it.state === state)) || "disconnected";
    const count = connections.filter((it) => it.state === "connected").length;
    const attempt = Math.max(0, ...connections.map((it) => it.attempt));
    $("overall").className = `state ${worst}`;
    $("overall").textContent = worst === "reconnecting"
      ? `reconnecting, attempt ${attempt}` : `${worst}, ${count} of ${connections.length}`;
  });
}

// MARK: Operations streams

const types = (prefix, ...names) => names.map((name) => `${prefix}.${name}`);
const base = "/api/v1/realtime";
watch(new EventStream("ONU status", `${base}/onu-status`, types("onu", "online", "offline", "signal_degraded", "provisioned", "deprovisioned"), 200), (event) =>
  event.event_type === "onu.deprovisioned" ? onus.remove(event.onu_serial) : onus.set(event.onu_serial, event));
watch(new EventStream("Alerts", `${base}/alerts`, types("alert", "raised", "cleared")), (event) =>
  event.event_type === "alert.raised" ? toast(event.severity, event.alert_type, `${event.message} (${event.source})`)
    : toast("info", `${event.alert_type} cleared`, `${event.message} (${event.source})`));
watch(new EventStream("Tickets", `${base}/tickets`, types("ticket", "created", "updated", "assigned", "resolved"), 20), (event) =>
  tickets.set(event.ticket_id, { number: event.ticket_number || event.ticket_id, title: event.title, status: event.status, priority: event.priority, last: event.event_type }));
watch(new EventStream("Subscribers", `${base}/subscribers`, types("subscriber", "created", "activated", "suspended", "terminated")), () => {});
watch(new PlainSocket("Sessions", `${base}/ws/sessions`, 200), (event) => {
  if (event.event_type === "session.stopped") {
    sessionFacts.delete(event.session_id);
    return sessions.remove(event.session_id);
  }
  if (!event.session_id) return undefined;
  // An update says only what changed.
  const facts = { ...sessionFacts.get(event.session_id), ...event };
  sessionFacts.set(event.session_id, facts);
  return sessions.set(event.session_id, facts);
});

// MARK: Jobs

function watchJob(id) {
  if (document.getElementById(`job-${id}`)) return;
  $("no-job").hidden = true;
  const name = element("strong");
  const status = element("span", { className: "badge", role: "status" });
  const title = element("p", {}, name, " ", status);
  const bar = element("progress", { max: 100, value: 0 });
  bar.setAttribute("aria-label", `Progress of job ${id}`);
  const detail = element("p", { className: "empty" });
  const actions = element("div", { className: "actions" });
  const node = element("div", { className: "job", id: `job-${id}` }, title, bar, detail, actions);
  $("jobs").prepend(node);
  const button = (text, type) => {
    const it = element("button", { type: "button", textContent: text });
    it.dataset.command = type;
    it.setAttribute("aria-label", `${text} job ${id}`);
    it.addEventListener("click", () => connection.send({ type }));
    return it;
  };
  const pause = button("Pause", "pause_job");
  const resume = button("Resume", "resume_job");
  const cancel = button("Cancel", "cancel_job");
  const forget = element("button", { type: "button", textContent: "Remove" });
  forget.setAttribute("aria-label", `Remove job ${id} from this page`);
  actions.append(pause, resume, cancel, forget);
  const connection = new PlainSocket(`Job ${id.slice(0, 8)}`, `${base}/ws/jobs/${encodeURIComponent(id)}`);
  forget.addEventListener("click", () => {
    leave();
    $("job-id").focus();
  });
  const leave = () => {
    unwatch(connection);
    node.remove();
    $("no-job").hidden = $("jobs").querySelector(".job") !== null;
  };
  const render = (job) => {
    const focused = actions.contains(document.activeElement) ? document.activeElement : null;
    if (node.dataset.status !== job.status) status.textContent = job.status;
    node.dataset.status = job.status;
    name.textContent = `${job.job_type} ${id.slice(0, 8)}`;
    bar.value = job.progress_percent ?? 0;
    detail.textContent = `${job.items_processed ?? 0} of ${job.items_total ?? "?"} items, ${job.items_failed ?? 0} failed`;
    pause.hidden = job.status !== "running";
    resume.hidden = job.status !== "paused";
    cancel.hidden = !["running", "paused"].includes(job.status);
    forget.hidden = !cancel.hidden;
    // Who works with the keyboard stays at the job when the button that was pressed is gone.
    if (focused?.hidden) actions.querySelector("button:not([hidden])").focus();
  };
  watch(connection, (message) => {
    if (message.type === "error") {
      toast("error", message.code, message.message);
      if (message.code === "NOT_FOUND") leave();
    } else if (message.type === "connected") {
      render(message.job);
    } else if (message.event_type && message.job_id) {
      // An acknowledgement names the job too, but not how it stands.
      render(message);
    }
  });
}
$("start-job").addEventListener("submit", async (event) => {
  event.preventDefault();
  const variables = { type: $("job-type").value, items: Number($("job-items").value) };
  try {
    const answer = await execute("mutation($type: String!, $items: Int!) { startJob(jobType: $type, itemsTotal: $items) }", variables);
    if (answer.errors) toast("error", "The job was not started", answer.errors[0].message);
    else watchJob(answer.data.startJob.job_id);
  } catch (error) {
    toast("error", "The job was not started", String(error.message || error));
  }
});
$("watch-job").addEventListener("submit", (event) => {
  event.preventDefault();
  const id = $("job-id").value.trim();
  if (id) watchJob(id);
});
// Those that are under way already.
execute("{ jobs }").then(({ data }) => data?.jobs.slice(-3).forEach((job) => watchJob(job.job_id)), () => {});

// MARK: GraphQL

const graphql = new GraphQLSocket("GraphQL");
watch(graphql, () => {});
graphql.subscribe({ query: `subscription { supportTicketEvents { eventType ticket { id ticketNumber title status priority } notification { title body } } }` }, {
  result: ({ data }) => {
    if (!data) return;
    const { eventType, ticket, notification } = data.supportTicketEvents;
    tickets.set(ticket.id, { number: ticket.ticketNumber, title: ticket.title, status: ticket.status, priority: ticket.priority, last: eventType });
    toast("info", notification.title, notification.body);
  },
  failed: (errors) => toast("warning", "Tickets", errors.map((it) => it.message).join("; ")),
});

// What is shown of a customer: the subscription, its fields, where the same stands in `customer`, and how it is told.
const time = (text) => (text ? `at ${clock(text)}` : "");
const parts = [
  ["Network status", "customerNetworkStatusUpdated", "networkStatus", "connectionStatus signalStrength latencyMs updatedAt",
    (it) => [it.connectionStatus, it.signalStrength !== null && `signal ${it.signalStrength}`, it.latencyMs !== null && `${it.latencyMs} ms`, time(it.updatedAt)]],
  ["Devices", "customerDevicesUpdated", "devices", "deviceName status healthStatus updatedAt",
    (it) => [it.deviceName, it.status, it.healthStatus, time(it.updatedAt)]],
  ["Tickets", "customerTicketUpdated", "tickets", "action ticket { ticketNumber title status } updatedAt",
    ({ action, ticket, updatedAt }) => [action, ticket.ticketNumber, ticket.title, ticket.status, time(updatedAt)], "ticketNumber title status updatedAt", (ticket) => ({ ticket, updatedAt: ticket.updatedAt })],
  ["Activities", "customerActivityAdded", "activities", "activityType title createdAt",
    (it) => [it.activityType, it.title, time(it.createdAt)]],
  ["Notes", "customerNoteUpdated", "notes", "action note { subject } updatedAt",
    ({ action, note, updatedAt }) => [action, note?.subject, time(updatedAt)], "subject updatedAt", (note) => ({ note, updatedAt: note.updatedAt })],
  ["Subscription", "customerSubscriptionUpdated", "subscriptions", "action plan status updatedAt",
    (it) => [it.plan, it.status, it.action, time(it.updatedAt)]],
  ["Billing", "customerBillingUpdated", "invoices", "action amount currency status updatedAt",
    (it) => [`${it.amount} ${it.currency}`, it.status, it.action, time(it.updatedAt)]],
];
const told = (words) => words.filter(Boolean).join(" · ");

let ends = [];
async function watchCustomer(id) {
  ends.forEach((end) => end());
  const list = element("dl");
  const values = new Map();
  for (const [title, name] of parts) {
    values.set(name, element("dd", { textContent: "nothing yet" }));
    list.append(element("dt", { textContent: title }), values.get(name));
  }
  $("customer").replaceChildren(list);
  const heard = new Set();
  ends = parts.map(([, name, , fields, words]) => graphql.subscribe(
    { query: `subscription($id: ID!) { ${name}(customerId: $id) { ${fields} } }`, variables: { id } },
    {
      result: ({ data, errors }) => {
        heard.add(name);
        values.get(name).textContent = data ? told(words(data[name])) : errors[0].message;
      },
      failed: (errors) => { values.get(name).textContent = errors[0].message; },
    }));
  const selection = parts.map(([, , field, fields, , own]) => `${field} { ${own || fields} }`).join(" ");
  const { data, errors } = await execute(`query($id: ID!) { customer(id: $id) { ${selection} } }`, { id });
  if (errors && !data) throw new Error(errors[0].message);
  for (const [, name, field, , words, , wrap] of parts) {
    const newest = [].concat(data?.customer?.[field] ?? [])[0];
    // What came meanwhile is newer.
    if (newest && !heard.has(name)) values.get(name).textContent = told(words(wrap ? wrap(newest) : newest));
  }
}
$("watch-customer").addEventListener("submit", (event) => {
  event.preventDefault();
  watchCustomer($("customer-id").value.trim()).catch((error) => toast("error", "Customer", String(error.message || error)));
});

// MARK: Token

$("token").value = token.value;
$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  token.value = $("token").value.trim();
  location.reload();
});
