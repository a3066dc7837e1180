"""Drives the dashboard and the console in Chromium: dashboard.py SERVER CHROMIUM CHROMEDRIVER FOLDER.

Starts the server on the in-memory bus, and prints a line for each thing that was seen to work. Screenshots go to the
folder.
"""
import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

PUBLISH = "mutation($t: String!, $p: JSON!) { publishOperationsEvent(eventType: $t, payload: $p) { id } }"


class Server:
    def __init__(self, path, port=0):
        self.process = subprocess.Popen(
            [path, "--bus", "memory", "--port", str(port), "--seed-data"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)/", self.process.stdout.readline())[1])

    def stop(self):
        self.process.kill()
        self.process.wait()

    def run(self, query, variables=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql", headers={"Content-Type": "application/json"},
            data=json.dumps({"query": query, "variables": variables}).encode())
        with urllib.request.urlopen(request) as answer:
            result = json.load(answer)
        assert "errors" not in result, result
        return result["data"]

    def publish(self, kind, **payload):
        self.run(PUBLISH, {"t": kind, "p": payload})


class Browser:
    def __init__(self, chromium, chromedriver, folder):
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--window-size=1400,1100"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service(chromedriver), options=options)
        self.folder = Path(folder)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def until(self, what, condition, seconds=30):
        def met(_):
            try:
                return condition()
            except Exception:  # not there yet
                return False
        WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(met, what)

    def text(self, selector):
        return self.find(selector).text

    def shows(self, selector, text):
        self.until(f"{selector} shows {text}", lambda: text in self.text(selector))

    def mode(self, name):
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})

    def picture(self, name):
        self.driver.save_screenshot(str(self.folder / f"{name}.png"))

    def errors(self):
        """What scripts complained about; that a server is away is told by the browser itself, as "network"."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] in ("SEVERE", "WARNING") and entry["source"] not in ("network",)
                and "ERR_CONNECTION_REFUSED" not in entry["message"]]


def dashboard(server, browser, path):
    browser.driver.get(f"http://127.0.0.1:{server.port}/")
    # Five streams, GraphQL, and the job that is there already.
    browser.shows("#overall", "connected, 7 of 7")
    # What happened before the page was opened.
    browser.until("the units there are", lambda: all(f"ONU-10{n}" in browser.text("#onus") for n in range(1, 6)))
    browser.shows("#sessions", "customer105")
    browser.shows("#job-job-1", "paused")
    print("connected", flush=True)
    accessible(browser)

    for number, (kind, status) in enumerate(
            [("onu.online", "online"), ("onu.offline", "offline"), ("onu.signal_degraded", "degraded")]):
        server.publish(kind, onu_serial=f"ONU{number}", status=status, signal_dbm=-20.5 - number, olt_id="olt-1",
                       pon_port=f"0/{number}")
    browser.until("three units", lambda: all(f"ONU{n}" in browser.text("#onus") for n in range(3)))
    server.publish("alert.raised", alert_id="a1", alert_type="los", severity="critical", source="olt-1",
                   message="<b>Loss</b> of signal")
    browser.shows("#toasts .critical", "<b>Loss</b> of signal (olt-1)")
    server.publish("session.started", username="ada", session_id="s1", framed_ip_address="10.0.0.7", bytes_in=0)
    server.publish("session.updated", username="ada", session_id="s1", bytes_in=123456789, bytes_out=2048)
    browser.shows("#sessions", "117.7 MiB")
    browser.shows("#sessions", "10.0.0.7")
    server.publish("session.stopped", username="ada", session_id="s1")
    browser.until("no session", lambda: "ada" not in browser.text("#sessions"))
    server.publish("ticket.created", ticket_id="t1", title="No light", status="open", priority="high")
    browser.shows("#tickets", "No light")
    print("streams", flush=True)

    browser.find("#watch-customer button").click()
    browser.shows("#customer", "nothing yet")
    browser.shows("#customer", "Fibre 500 · active")
    browser.shows("#customer", "39.90 EUR · open")
    # The page subscribes; until it has, nothing is delivered to it.
    browser.until("the customer's status", lambda: server.run(
        'mutation { publishCustomerNetworkStatus(input: {customerId: "101", connectionStatus: "degraded"})'
        " { receivers } }") and "degraded" in browser.text("#customer"))
    server.run('mutation { createSupportTicket(input: {title: "Router reboots", priority: "urgent"}) { id } }')
    browser.shows("#tickets", "Router reboots")
    browser.shows("#toasts .info", "opened")
    print("graphql", flush=True)

    browser.find("#start-job .primary").click()
    browser.until("a running job", lambda: browser.find(".job[data-status=running]"))
    job = browser.find(".job").get_attribute("id").removeprefix("job-")
    browser.picture("dashboard-light")
    # With the keyboard: the button goes, and the focus with it to the one in its place.
    browser.find(f"#job-{job} [data-command=pause_job]").send_keys(Keys.ENTER)
    browser.until("a paused job", lambda: browser.find(f"#job-{job}[data-status=paused]"))
    focused = browser.driver.switch_to.active_element
    assert focused.get_attribute("data-command") == "resume_job", focused.get_attribute("outerHTML")[:300]
    assert server.run("query($id: ID!) { job(id: $id) }", {"id": job})["job"]["status"] == "paused"
    browser.shows("#history", "job.progress")
    browser.find(f"#job-{job} [data-command=resume_job]").click()
    browser.until("a running job", lambda: browser.find(f"#job-{job}[data-status=running]"))
    browser.find(f"#job-{job} [data-command=pause_job]").click()
    browser.until("a paused job", lambda: browser.find(f"#job-{job}[data-status=paused]"))
    browser.find(f"#job-{job} [data-command=cancel_job]").click()
    browser.until("a cancelled job", lambda: browser.find(f"#job-{job}[data-status=cancelled]"))
    browser.shows("#history", "job.cancelled")
    # The job that was there is resumed, and goes on.
    browser.find("#job-job-1 [data-command=resume_job]").click()
    browser.until("it goes on", lambda: server.run('{ job(id: "job-1") }')["job"]["items_processed"] > 100)
    browser.find("#job-job-1 [data-command=cancel_job]").click()
    browser.until("it is cancelled", lambda: browser.find("#job-job-1[data-status=cancelled]"))
    for name in (job, "job-1"):
        browser.find(f"#job-{name} .actions button:last-child").click()
    browser.shows("#jobs", "No job is watched")
    print("job", flush=True)

    browser.mode("dark")
    browser.find("#indicator summary").click()
    browser.picture("dashboard-dark")
    browser.driver.set_window_size(420, 900)
    browser.picture("dashboard-narrow")
    browser.driver.set_window_size(1400, 1100)

    # What is loaded comes from here, and nothing else may be.
    policy = browser.driver.execute_async_script("""
      const done = arguments[0];
      document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective), { once: true });
      document.body.append(Object.assign(document.createElement("script"), { textContent: "window.broken = true" }));
    """)
    assert policy == "script-src-elem" and not browser.driver.execute_script("return window.broken"), policy
    loaded = browser.driver.execute_script("return performance.getEntriesByType('resource').map((it) => new URL(it.name).host)")
    assert set(loaded) <= {f"127.0.0.1:{server.port}", ""}, loaded
    browser.driver.get_log("browser")  # which tells of that violation

    server.stop()
    delays = []

    def waits():
        cell = browser.text("#connections tr:first-child td:nth-child(4)")
        if cell and (not delays or delays[-1] != cell):
            delays.append(cell)
        return len(delays) == 3
    browser.until("growing delays", waits)
    assert delays == ["1 s", "2 s", "4 s"], delays
    browser.shows("#overall", "reconnecting, attempt")
    browser.picture("dashboard-reconnecting")
    again = Server(path, server.port)
    browser.shows("#overall", "connected, 6 of 6")
    again.publish("onu.online", onu_serial="ONU9", status="online")
    browser.shows("#onus", "ONU9")
    for _ in range(3):
        again.publish("subscriber.created", subscriber_id="1", status="new")
    for number in range(120):
        again.publish("alert.cleared", alert_id="a", alert_type="x", severity="info", source="y", message=str(number))
    browser.shows("#history-count", "100 of the last 100")
    # The oldest of them are those of the seed data, and have gone.
    assert "session.started" not in browser.text("#history")
    print("recovered", flush=True)
    assert browser.errors() == [], browser.errors()
    return again


# What a screen reader needs: a name for everything that is operated, labels for regions, one first heading.
UNNAMED = """
return [...document.querySelectorAll("button, input, select, textarea, a[href], progress, summary, [role=region], [role=log]")]
  .filter((it) => !it.closest("[hidden]"))
  .filter((it) => !(it.getAttribute("aria-label") || it.getAttribute("aria-labelledby") || it.labels?.length
    || it.textContent.trim()))
  .map((it) => it.outerHTML)
"""
# Text that is too faint for its ground (WCAG 2.2, 1.4.3): less than 4.5 to 1.
FAINT = """
const parse = (color) => color.match(/[\\d.]+/g).map(Number);
const light = (rgb) => rgb.slice(0, 3).map((it) => it / 255).map((it) => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4)
  .reduce((sum, it, place) => sum + it * [0.2126, 0.7152, 0.0722][place], 0);
const ground = (node) => {
  for (; node; node = node.parentElement) {
    const color = parse(getComputedStyle(node).backgroundColor);
    if (color.length < 4 || color[3] === 1) return color;
  }
  return [255, 255, 255];
};
return [...document.querySelectorAll("body *")]
  .filter((it) => it.offsetParent && [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .map((it) => [it, light(parse(getComputedStyle(it).color)), light(ground(it))])
  .filter(([, a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5)
  .map(([it]) => it.outerHTML.slice(0, 200))
"""


def accessible(browser):
    for name in ("light", "dark"):
        browser.mode(name)
        assert browser.driver.execute_script(FAINT) == [], browser.driver.execute_script(FAINT)
    browser.mode("light")
    assert browser.driver.execute_script(UNNAMED) == [], browser.driver.execute_script(UNNAMED)
    assert browser.driver.execute_script("return document.querySelectorAll('h1').length") == 1
    assert browser.driver.execute_script("return document.documentElement.lang") == "en"
    # The first thing that the keyboard reaches leads past the header, and what has the focus shows it.
    browser.driver.execute_script("document.activeElement.blur()")
    browser.find("body").send_keys(Keys.TAB)
    first = browser.driver.switch_to.active_element
    assert first.text == "Skip to the content", first.get_attribute("outerHTML")
    assert first.value_of_css_property("outline-style") == "solid"
    first.send_keys(Keys.ENTER)
    assert browser.driver.switch_to.active_element.get_attribute("id") == "content"


def console(server, browser):
    browser.driver.get(f"http://127.0.0.1:{server.port}/console")
    accessible(browser)
    for transport in ("graphql-transport-ws", "graphql-ws", "sse"):
        Select(browser.find("#transport")).select_by_value(transport)
        browser.find("#operation .primary").click()
        browser.shows("#state", "connected")
        browser.until(f"results over {transport}", lambda: server.run(
            "mutation($s: String!) { publishCustomerNetworkStatus(input: {customerId: \"101\","
            " connectionStatus: $s}) { receivers } }", {"s": transport})
            and f'"connectionStatus": "{transport}"' in browser.text("#results"))
        browser.find("#stop").click()
        browser.shows("#state", "disconnected")
        browser.find("#clear").click()
    # A document that the server refuses is told, and not tried again and again.
    Select(browser.find("#transport")).select_by_value("graphql-transport-ws")
    browser.find("#query").clear()
    browser.find("#query").send_keys("subscription { nothing }")
    browser.find("#operation .primary").click()
    browser.shows("#results", 'Cannot query field \\"nothing\\"')
    browser.shows("#state", "error")
    Select(browser.find("#transport")).select_by_value("http")
    browser.find("#query").clear()
    browser.find("#query").send_keys("{ services { name } }")
    browser.find("#operation .primary").click()
    browser.shows("#results", "Television")
    browser.picture("console-light")
    browser.mode("dark")
    browser.picture("console-dark")
    browser.driver.set_window_size(420, 900)
    browser.picture("console-narrow")
    assert browser.errors() == [], browser.errors()
    print("console", flush=True)


def main():
    path, chromium, chromedriver, folder = sys.argv[1:]
    server = Server(path)
    browser = Browser(chromium, chromedriver, folder)
    try:
        server = dashboard(server, browser, path)
        console(server, browser)
    finally:
        browser.driver.quit()
        server.stop()


main()
