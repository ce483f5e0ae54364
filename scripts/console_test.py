"""Drives a real headless Chromium over its DevTools pipe; used by scripts/console-test."""
import base64, json, os, select, shutil, subprocess, tempfile, time


class Browser:
    """One Chromium. Commands go through the pipe (file descriptors 3 and 4), each JSON object ended by a zero byte."""

    def __init__(self, home=None):
        """`home`: a folder of its own, whose certificates it proves (`home_with`)."""
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        if not program:
            raise SystemExit("console-test: Chromium is missing; apt-get install chromium")
        self.profile = tempfile.mkdtemp(prefix="sakk-browser-")
        to_browser, self.out = os.pipe()
        self.inp, from_browser = os.pipe()

        def wire():
            # 3 and 4 may be in the way of one another
            a, b = os.dup(to_browser), os.dup(from_browser)
            os.dup2(a, 3)
            os.dup2(b, 4)
        self.process = subprocess.Popen(
            [program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-dev-shm-usage", "--no-first-run", "--force-color-profile=srgb", "--disable-background-networking",
             "--disable-component-update", "--ignore-certificate-errors", f"--user-data-dir={self.profile}"],
            env=dict(os.environ, HOME=home or self.profile),
            preexec_fn=wire, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.next, self.answers, self.events, self.rest = 0, {}, [], b""

    def send(self, method, params=None, session=None):
        self.next += 1
        message = {"id": self.next, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        return self.next

    def pump(self, seconds):
        ready, _, _ = select.select([self.inp], [], [], seconds)
        if not ready:
            return False
        self.rest += os.read(self.inp, 1 << 20)
        *whole, self.rest = self.rest.split(b"\0")
        for text in whole:
            message = json.loads(text)
            if "id" in message:
                self.answers[message["id"]] = message
            else:
                self.events.append(message)
        return True

    def call(self, method, params=None, session=None, seconds=120):
        wanted, end = self.send(method, params, session), time.monotonic() + seconds
        while wanted not in self.answers:
            if time.monotonic() > end:
                raise SystemExit(f"console-test: the browser does not answer {method}")
            self.pump(0.2)
        answer = self.answers.pop(wanted)
        if "error" in answer:
            raise SystemExit(f"console-test: {method}: {answer['error']}")
        return answer["result"]

    def page(self):
        return Page(self)

    def close(self):
        try:
            self.call("Browser.close", seconds=5)
        except SystemExit:
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def home_with(folder, name, certificate, key):
    """A home whose browser has this certificate and its key (PEM), in a database of NSS as Chromium reads it."""
    home = os.path.join(folder, f"home-{name}")
    database = os.path.join(home, ".pki", "nssdb")
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(database)
    bundle = os.path.join(home, "card.p12")
    for words in (["openssl", "pkcs12", "-export", "-in", certificate, "-inkey", key, "-name", name, "-passout", "pass:", "-out", bundle],
                  ["certutil", "-d", "sql:" + database, "-N", "--empty-password"],
                  ["pk12util", "-d", "sql:" + database, "-i", bundle, "-W", "", "-K", ""]):
        subprocess.run(words, check=True, capture_output=True)
    return home


class Page:
    """One tab with cookies of its own."""

    def __init__(self, browser):
        self.browser = browser
        context = browser.call("Target.createBrowserContext")["browserContextId"]
        target = browser.call("Target.createTarget", {"url": "about:blank", "browserContextId": context})["targetId"]
        self.session = browser.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.size(1600, 900)

    def call(self, method, params=None):
        return self.browser.call(method, params, self.session)

    def size(self, width, height, phone=False):
        self.shape = (width, height, phone)
        self.call("Emulation.setDeviceMetricsOverride",
                  {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone})

    def run(self, script):
        answer = self.call("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
        if "exceptionDetails" in answer:
            raise SystemExit(f"console-test: {script[:80]}: {answer['exceptionDetails'].get('exception', {}).get('description')}")
        return answer["result"].get("value")

    def wait(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while not self.run(condition):
            if time.monotonic() > end:
                raise SystemExit(f"console-test: waited in vain for {condition}; the page is {self.run('location.href')}: "
                                 + (self.run("document.body.innerText") or "")[:600])
            self.browser.pump(0.05)

    def go(self, address):
        self.run("window.isOld = true")
        self.call("Page.navigate", {"url": address})
        self.wait("document.readyState === 'complete' && !window.isOld && location.href !== 'about:blank'")
        self.run("document.fonts.ready.then(() => true)")

    def press(self, selector):
        """Clicks and waits for the page that follows."""
        self.run("window.isOld = true")
        self.run(f"document.querySelector({json.dumps(selector)}).click()")
        self.wait("document.readyState === 'complete' && !window.isOld")
        self.run("document.fonts.ready.then(() => true)")

    def fill(self, selector, value):
        self.run(f"(() => {{ const field = document.querySelector({json.dumps(selector)}); field.focus(); field.value = {json.dumps(value)}; }})()")

    def cable(self, is_in):
        """Pulls the network cable of this page, or puts it back."""
        self.call("Network.emulateNetworkConditions", {
            "offline": not is_in, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})

    def text(self):
        return self.run("document.body.innerText")

    def shot(self, path, whole=True):
        """The page as it is seen; `whole`: as tall as it is, up to 3200 pixels."""
        width, height, phone = self.shape
        if whole:
            tall = self.run("document.documentElement.scrollHeight")
            self.call("Emulation.setDeviceMetricsOverride", {
                "width": width, "height": max(height, min(tall, 3200)), "deviceScaleFactor": 1, "mobile": phone})
            self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
        picture = self.call("Page.captureScreenshot", {"format": "png"})
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))
        if whole:
            self.size(width, height, phone)
