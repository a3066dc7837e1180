"""Subscribes in a real browser: serves browser.html, opens it headless, and prints what the page reports.

Usage: browser_client.py BROWSER SERVER [PORT]

SERVER is the host and port of the reference server, PORT that of the page, any by default. Needs nothing but Python
itself. The browser checks origins as it does for everybody, and the page is of another origin than the server.
"""

import http.server
import pathlib
import subprocess
import sys
import tempfile
import threading

PAGE = pathlib.Path(__file__).with_name("browser.html")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-extensions", "--disable-background-networking", "--no-first-run", "--mute-audio",
]


class Handler(http.server.BaseHTTPRequestHandler):
    report = None
    arrived = threading.Event()

    def do_GET(self):
        body = PAGE.read_bytes()
        self.send_response(200 if self.path.startswith("/?") else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        Handler.report = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(204)
        self.end_headers()
        Handler.arrived.set()

    def log_message(self, *arguments):
        pass


def main(browser, server, port="0"):
    pages = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [browser, *FLAGS, f"--user-data-dir={profile}",
             f"http://127.0.0.1:{pages.server_port}/?server={server}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            if not Handler.arrived.wait(90):
                sys.exit("the page did not report")
            print(Handler.report, end="")
        finally:
            process.terminate()
            try:
                process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
