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
from selenium.webdriver.support.ui import Select, WebDriverWait

PUBLISH = "mutation($t: String!, $p: JSON!) { publishOperationsEvent(eventType: $t, payload: $p) { id } }"


class Server:
    def __init__(self, path, port=0):
        self.process = subprocess.Popen(
            [path, "--bus", "memory", "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
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
    browser.shows("#overall", "connected, 6 of 6")
    print("connected", flush=True)

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
    browser.find("[data-command=pause_job]").click()
    browser.until("a paused job", lambda: browser.find(".job[data-status=paused]"))
    assert server.run("query($id: ID!) { job(id: $id) }", {"id": job})["job"]["status"] == "paused"
    browser.shows("#history", "job.progress")
    browser.find("[data-command=resume_job]").click()
    browser.until("a running job", lambda: browser.find(".job[data-status=running]"))
    browser.find("[data-command=cancel_job]").click()
    browser.until("a cancelled job", lambda: browser.find(".job[data-status=cancelled]"))
    browser.shows("#history", "job.cancelled")
    browser.find(".job .actions button:last-child").click()
    print("job", flush=True)

    browser.mode("dark")
    browser.find("#indicator summary").click()
    browser.picture("dashboard-dark")
    browser.driver.set_window_size(420, 900)
    browser.picture("dashboard-narrow")
    browser.driver.set_window_size(1400, 1100)

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
    print("recovered", flush=True)
    assert browser.errors() == [], browser.errors()
    return again


def console(server, browser):
    browser.driver.get(f"http://127.0.0.1:{server.port}/console")
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
    browser.picture("console-dark")
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
