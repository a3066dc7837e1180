"use strict";
import { GraphQLSocket, execute, stream } from "/assets/connections.js";

const $ = (id) => document.getElementById(id);
$("query").value ||= "subscription ($id: ID!) {\n  customerNetworkStatusUpdated(customerId: $id) {\n    connectionStatus\n    signalStrength\n    updatedAt\n  }\n}";
$("variables").value ||= '{"id": "101"}';

let end = null;

function show(kind, value) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString([], { hour12: false });
  const text = document.createElement("pre");
  text.className = kind;
  text.textContent = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  item.append(time, text);
  $("results").prepend(item);
  while ($("results").children.length > 100) $("results").lastChild.remove();
}

function state(name, reason = "") {
  $("state").className = `state ${name}`;
  $("state").textContent = reason ? `${name}: ${reason}` : name;
}

function stop() {
  if (end) end();
  end = null;
  $("stop").disabled = true;
}

function run(request) {
  const handlers = {
    result: (value) => show("result", value),
    failed: (errors) => { show("error", { errors }); stop(); state("error"); },
    done: () => { show("info", "complete"); stop(); state("disconnected"); },
  };
  const transport = $("transport").value;
  if (transport === "http") {
    state("disconnected");
    execute(request.query, request.variables).then(handlers.result, (error) => handlers.failed([{ message: String(error.message || error) }]));
    return;
  }
  $("stop").disabled = false;
  if (transport === "sse") {
    state("connected");
    const close = stream(request, handlers);
    end = () => { close(); state("disconnected"); };
    return;
  }
  const socket = new GraphQLSocket("console", transport);
  socket.addEventListener("state", () => state(socket.state, socket.reason));
  const complete = socket.subscribe(request, handlers);
  socket.start();
  end = () => { complete(); socket.stop(); };
}

$("operation").addEventListener("submit", (event) => {
  event.preventDefault();
  stop();
  let variables;
  try {
    variables = $("variables").value.trim() ? JSON.parse($("variables").value) : undefined;
  } catch (error) {
    show("error", `The variables are no JSON: ${error.message}`);
    return;
  }
  run({ query: $("query").value, variables });
});
$("stop").addEventListener("click", () => { stop(); state("disconnected"); });
$("clear").addEventListener("click", () => $("results").replaceChildren());
