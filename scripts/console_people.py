"""People at the pages of a console, each with a browser tab; used by console_day.py and consoles_day.py."""
import json

failures = []


def expect(is_right, words):
    if not is_right:
        failures.append(words)
        print("  NOT SO:", words, flush=True)


def say(words):
    print(words, flush=True)


class Person:
    """Somebody with a browser tab of his own."""

    # the console that everybody goes to who names no other
    here = ""

    def __init__(self, browser, name, password, here=None):
        self.name, self.password = name, password
        self.here = here or Person.here
        self.page = browser.page()

    def enter(self, password=None):
        page = self.page
        page.go(self.here + "/signin")
        page.fill("[name=person]", self.name)
        page.fill("[name=password]", password or self.password)
        page.press("form[action='/signin'] button.main")
        return self

    def choose(self, secret):
        """The first sign-in: the one-time password is exchanged for an own one."""
        self.enter(secret)
        expect(self.page.run("location.pathname") == "/password", f"{self.name} must choose a password first")
        self.page.fill("[name=old]", secret)
        self.page.fill("[name=new]", self.password)
        self.page.fill("[name=again]", self.password)
        self.page.press("form[action='/password'] button.main")
        expect(self.page.run("location.pathname") == "/", f"{self.name} is in")
        return self

    def go(self, path):
        self.page.go(self.here + path)
        if self.page.run("location.pathname") == "/unlock":
            # on a slow machine a screen locks while others work
            self.page.fill("[name=password]", self.password)
            self.page.press("form[action='/unlock'] button.main")
            self.page.go(self.here + path)
        return self

    def fill(self, **fields):
        for name, value in fields.items():
            self.page.fill(f"[name='{name}']", value)
        return self

    def press(self, selector):
        self.page.press(selector)
        return self

    def news(self):
        return self.page.run("document.querySelector('main .news')?.innerText || ''")

    def api(self, path):
        found = json.loads(self.page.run(f"fetch('/api{path}').then(answer => answer.text())"))
        if found.get("code") == "console.locked":
            self.go("/")
            found = json.loads(self.page.run(f"fetch('/api{path}').then(answer => answer.text())"))
        return found

    def key(self, code):
        """A key of the keyboard, as a person presses it."""
        letter = code.removeprefix("Key").removeprefix("Digit")
        for kind in ("rawKeyDown", "keyUp"):
            self.page.call("Input.dispatchKeyEvent", {
                "type": kind, "code": code, "key": letter.lower(), "windowsVirtualKeyCode": ord(letter[0])})
        return self

    def verdict(self, code):
        """One key for a verdict; waits for what the console says of it."""
        page, here = self.page, self.page.run("location.pathname")
        page.run("document.querySelector('main .news')?.remove(); true")
        self.key(code)
        page.wait(f"document.readyState === 'complete' && !document.querySelector('[data-busy]') && "
                  f"(location.pathname !== {json.dumps(here)} || !!document.querySelector('main .news')) && "
                  "!!document.querySelector('main h1')", 60)
        return self

    def refused(self):
        return self.page.run("document.querySelector('main .news.bad .code bdi')?.innerText || ''")

    def look(self, language, digits="latin"):
        self.page.run(
            "fetch('/look', {method: 'POST', headers: {'content-type': 'application/x-www-form-urlencoded'}, "
            f"body: 'language={language}&digits={digits}&back=/health'}}).then(answer => answer.status)")
        return self
