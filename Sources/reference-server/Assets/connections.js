// Connections that come back: 1, 2, 4, 8, 16 and then 30 seconds between attempts, ten attempts, then an end.
"use strict";

export const token = {
  get value() { return sessionStorage.getItem("token") || ""; },
  set value(text) { text ? sessionStorage.setItem("token", text) : sessionStorage.removeItem("token"); },
};

const address = (path, scheme) => {
  const url = new URL(path, location.href);
  if (scheme) url.protocol = location.protocol === "https:" ? scheme + "s:" : scheme + ":";
  if (token.value) url.searchParams.set(path.startsWith("/graphql/stream") ? "access_token" : "token", token.value);
  return url.href;
};

class Connection extends EventTarget {
  constructor(name) {
    super();
    Object.assign(this, { name, state: "disconnected", attempt: 0, delay: 0, latency: null, lastEvent: null, reason: "" });
  }

  start() { this.turn("connecting"); this.connect(); return this; }

  stop() {
    clearTimeout(this.timer);
    clearInterval(this.heart);
    this.drop();
    this.turn("disconnected");
  }

  turn(state, reason = "") {
    this.state = state;
    this.reason = reason;
    this.dispatchEvent(new Event("state"));
  }

  ready() { this.attempt = 0; this.turn("connected"); }

  lost(reason) {
    clearInterval(this.heart);
    this.drop();
    if (this.state === "disconnected" || this.state === "error") return;
    this.attempt += 1;
    if (this.attempt > 10) return this.turn("error", "gave up: " + reason);
    this.delay = Math.min(2 ** (this.attempt - 1), 30);
    this.turn("reconnecting", reason);
    this.timer = setTimeout(() => this.connect(), this.delay * 1000);
  }

  heard(event, isOlder = false) {
    this.lastEvent = isOlder ? this.lastEvent : new Date();
    this.dispatchEvent(Object.assign(new Event("message"), { payload: event, isOlder }));
  }
}

// One of the event streams of the operations system. At first it asks for the last events that are kept, and when it
// comes back for those that it missed.
export class EventStream extends Connection {
  constructor(name, path, types, recent = 0) {
    super(name);
    Object.assign(this, { path, types, recent, lastID: "", older: 0 });
  }

  connect() {
    const url = new URL(address(this.path));
    if (this.lastID) url.searchParams.set("last_event_id", this.lastID);
    else if (this.recent) url.searchParams.set("recent", this.recent);
    this.source = new EventSource(url);
    this.source.addEventListener("connected", () => this.ready());
    this.source.addEventListener("older", (event) => { this.older = JSON.parse(event.data).count; });
    // Then what is kept is that of another server: it is asked anew the next time.
    this.source.addEventListener("replay.unavailable", () => { this.lastID = ""; });
    for (const type of this.types) {
      this.source.addEventListener(type, (event) => {
        this.lastID = event.lastEventId;
        const isOlder = this.older > 0;
        if (isOlder) this.older -= 1;
        this.heard(JSON.parse(event.data), isOlder);
      });
    }
    this.source.onerror = () => this.lost("the stream ended");
  }

  drop() {
    if (this.source) this.source.close();
    this.source = null;
  }
}

class Socket extends Connection {
  open(path, subprotocol) {
    const socket = new WebSocket(address(path, "ws"), subprotocol || []);
    this.socket = socket;
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      if (event.code >= 4400 && event.code < 4500 && event.code !== 4408 && event.code !== 4429) {
        this.drop();
        this.turn("error", `${event.code} ${event.reason}`);
      } else {
        this.lost(event.reason || "the connection ended");
      }
    };
    return socket;
  }

  // Asks for a sign of life twice a minute; one that is missed ends the connection.
  beat(ping) {
    let asked = null;
    this.answered = () => {
      if (asked === null) return;
      this.latency = Math.round(performance.now() - asked);
      asked = null;
      this.dispatchEvent(new Event("state"));
    };
    const ask = () => {
      if (asked !== null) return this.lost("no answer to a heartbeat");
      asked = performance.now();
      this.socket.send(ping);
    };
    this.heart = setInterval(ask, 30000);
    ask();
  }

  send(message) { if (this.socket && this.socket.readyState === 1) this.socket.send(JSON.stringify(message)); }

  drop() {
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.close();
  }
}

// One of the WebSockets of the operations system.
export class PlainSocket extends Socket {
  constructor(name, path, recent = 0) { super(name); Object.assign(this, { path, recent, older: 0 }); }

  connect() {
    const socket = this.open(this.recent ? `${this.path}?recent=${this.recent}` : this.path);
    socket.onopen = () => { this.ready(); this.beat('{"type":"ping"}'); };
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.type === "pong") return this.answered();
      if (message.type === "older") { this.older = message.count; return undefined; }
      const isOlder = this.older > 0 && Boolean(message.event_type);
      if (isOlder) this.older -= 1;
      return this.heard(message, isOlder);
    };
  }
}

// GraphQL over graphql-transport-ws, or over the legacy graphql-ws. Operations are begun again on each new connection.
export class GraphQLSocket extends Socket {
  constructor(name, subprotocol = "graphql-transport-ws") {
    super(name);
    this.subprotocol = subprotocol;
    this.legacy = subprotocol === "graphql-ws";
    this.operations = new Map();
    this.next = 1;
  }

  connect() {
    const socket = this.open("/graphql", this.subprotocol);
    const payload = token.value ? { Authorization: "Bearer " + token.value } : undefined;
    socket.onopen = () => this.send({ type: "connection_init", payload });
    socket.onmessage = (event) => this.read(JSON.parse(event.data));
  }

  read(message) {
    const operation = this.operations.get(message.id);
    switch (message.type) {
      case "connection_ack":
        this.ready();
        if (!this.legacy) this.beat('{"type":"ping"}');
        for (const [id, { request }] of this.operations) this.begin(id, request);
        break;
      case "ping": this.send({ type: "pong" }); break;
      case "pong": this.answered(); break;
      case "next": case "data": if (operation) { this.heard(message.payload); operation.result(message.payload); } break;
      case "error":
        this.operations.delete(message.id);
        if (operation) operation.failed([].concat(message.payload));
        break;
      case "complete":
        this.operations.delete(message.id);
        if (operation) operation.done();
        break;
      default: break;
    }
  }

  begin(id, payload) { this.send({ id, type: this.legacy ? "start" : "subscribe", payload }); }

  // Returns what ends the operation.
  subscribe(request, { result, failed = () => {}, done = () => {} }) {
    const id = String(this.next++);
    this.operations.set(id, { request, result, failed, done });
    if (this.state === "connected") this.begin(id, request);
    return () => {
      if (this.operations.delete(id)) this.send({ id, type: this.legacy ? "stop" : "complete" });
    };
  }
}

// One query or mutation over HTTP.
export async function execute(query, variables) {
  const headers = { "Content-Type": "application/json", Accept: "application/graphql-response+json, application/json" };
  if (token.value) headers.Authorization = "Bearer " + token.value;
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return answer.json();
}

// One operation over server-sent events. Returns what ends it.
export function stream(request, { result, failed, done }) {
  const url = new URL(address("/graphql/stream"));
  url.searchParams.set("query", request.query);
  if (request.variables) url.searchParams.set("variables", JSON.stringify(request.variables));
  const source = new EventSource(url);
  source.addEventListener("next", (event) => result(JSON.parse(event.data)));
  source.addEventListener("complete", () => { source.close(); done(); });
  source.onerror = () => { source.close(); failed([{ message: "the stream could not be had, or ended" }]); };
  return () => source.close();
}
