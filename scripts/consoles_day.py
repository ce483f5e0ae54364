"""Two consoles on one server, used by scripts/consoles-test: a browser at each. Ends with 1 when something is not so."""
import argparse, json, os, re, signal, subprocess, sys, threading, time, urllib.request
from console_people import Person, expect, failures, say
from console_test import Browser

parser = argparse.ArgumentParser()
parser.add_argument("--first", required=True, help="address and process of the console in which the line works")
parser.add_argument("--second", required=True)
parser.add_argument("--out", required=True)
parser.add_argument("--records", type=int, required=True)
parser.add_argument("--held", type=int, required=True)
arguments = parser.parse_args()
(FIRST, FIRST_PID), (SECOND, SECOND_PID) = (text.split() for text in (arguments.first, arguments.second))
OUT = arguments.out
PAGES = OUT + "/pages"
os.makedirs(PAGES, exist_ok=True)


def reachable(address):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            return json.load(urllib.request.urlopen(address + "/health", timeout=5))["books"] == "ok"
        except OSError:
            time.sleep(0.2)
    return False


def shot(person, name):
    person.page.shot(f"{PAGES}/{name}-ar-wide.png")


def both(first, second, path):
    """Two people open a page at one moment, each at an own console; where they came to."""
    for person in (first, second):
        person.page.run("window.isOld = true")
    for person in (first, second):
        person.page.browser.send("Page.navigate", {"url": person.here + path(person)}, person.page.session)
    for person in (first, second):
        person.page.wait("document.readyState === 'complete' && !window.isOld")
    return [person.page.run("location.pathname") for person in (first, second)]


def seen(person, condition, words, seconds=20):
    """Until the open page shows it, without anybody touching it; milliseconds."""
    begun = time.monotonic()
    person.page.wait(condition, seconds)
    took = round((time.monotonic() - begun) * 1000)
    say(f"  {words}: {took} ms")
    return took


def inspectors(huda, sami):
    """Card after card, always at the same moment: never the same one before both."""
    met, cards = 0, set()
    for _ in range(6):
        def next_card(person):
            return person.api("/inspect")["first"] or "/inspect"
        paths = both(huda, sami, next_card)
        # what is asked for at one moment goes to one of them: the other is shown the next
        met += paths[0] == paths[1] and paths[0] != "/inspect"
        cards |= {path for path in paths if path != "/inspect"}
    expect(met == 0, f"{met} times both had the same card")
    expect(len(cards) >= 2, f"each had one: {cards}")
    shot(huda, "inspector-first")
    shot(sami, "inspector-second")
    # the very same address, on purpose
    card = huda.page.run("location.pathname")
    sami.go(card)
    expect(sami.page.run("location.pathname") != card, "the card before huda is not shown to sami")
    huda.go("/inspect")
    sami.go("/inspect")
    hands = [row["in_hand"] for row in sami.api("/inspect")["cards"]]
    expect("huda" in hands, f"the list says before whom a card is: {hands}")
    shot(sami, "inspect-list-second")


def pause(sami):
    """The second console asks for a pause after two minutes."""
    begun = time.monotonic()
    while sami.api("/inspect")["pause"] is None and time.monotonic() - begun < 240:
        cards = sami.api("/inspect")
        sami.go(cards["first"] or "/inspect")
        time.sleep(5)
    shown = sami.api("/inspect")["pause"]
    expect(shown is not None, "eyes that looked for two minutes are asked to pause")
    sami.go("/inspect")
    shot(sami, "inspect-pause-second")
    expect(sami.page.run("!document.getElementById('begin') && !!document.querySelector('.pause')"), "no card is given in it")
    # nobody touches the page: it goes on by itself
    seen(sami, "!document.querySelector('.pause')", "the pause is over by itself", 150)
    expect(sami.page.run("!!document.getElementById('begin')"), "and cards are given again")


def adds(person, names, answered):
    """People who are entered one after another, until the console is gone."""
    script = """(async () => {
      const token = document.querySelector('[name=token]').value;
      window.answered = [];
      for (const name of %s) {
        try {
          const answer = await fetch('/api/people', {method: 'POST', headers: {'content-type': 'application/json', 'x-sakk-token': token},
            body: JSON.stringify({id: name, name: name, role: 'operator'})});
          window.answered.push([name, answer.status]);
        } catch { window.answered.push([name, 0]); return true; }
      }
      return true; })(); true""" % json.dumps(names)
    person.go("/people")
    person.page.run(script)
    person.page.wait(f"window.answered.length >= {answered}")


def main():
    expect(reachable(FIRST) and reachable(SECOND), "both consoles answer")
    secret = re.search(r"^Sign in once as supervisor with (\S+)", open(OUT + "/serve.log").read(), re.M).group(1)
    browsers = [Browser(), Browser()]
    say("The supervisor signs in at the first console; the others at both ...")
    supervisor = Person(browsers[0], "supervisor", "four green apples fall", FIRST).choose(secret)
    people = {}
    for index, (name, role) in enumerate([("huda", "inspector"), ("sami", "inspector"), ("layla", "supervisor"), ("omar", "operator")]):
        supervisor.go("/people")
        supervisor.page.fill("form[action='/people'] [name=id]", name)
        supervisor.page.fill("form[action='/people'] [name=name]", name)
        supervisor.page.run(f"document.querySelector(\"form[action='/people'] [value='{role}']\").checked = true")
        supervisor.press("form[action='/people'] button.main")
        once = supervisor.page.run("document.querySelector('.once').innerText")
        at_first = name == "huda"
        people[name] = Person(browsers[0 if at_first else 1], name, f"the long password of {name[::-1]}",
                              FIRST if at_first else SECOND).choose(once)
    huda, sami, layla, omar = (people[name] for name in ("huda", "sami", "layla", "omar"))

    say("What one does the other shows ...")
    layla.go("/queue")
    rows = supervisor.api("/queue")["rows"]
    record = [row for row in rows if row["class"] == "normal"][-1]
    supervisor.go("/queue")
    supervisor.page.run("document.getElementById('bump').open = true; true")
    supervisor.fill(record=record["request"], reason="medical journey")
    supervisor.page.fill("[name=class]", "campaign")
    supervisor.press("form[action='/queue/bump'] button.main")
    layla.go("/approvals")
    shot(layla, "approvals-second")
    layla.press("form[action$='/give'] button")
    layla.go("/queue")
    supervisor.go("/approvals").page.run("document.querySelector(\"form[action='/queue/bump'] button\").click()")
    seen(layla, "!!document.querySelector('[data-live] td b + bdi, [data-live] td b ~ div')", "the bump of the first console on the second")
    shot(layla, "queue-second")

    say("Two inspectors at two consoles ...")
    inspectors(huda, sami)
    pause(sami)

    say("The line works in the first console; the second holds it and lets it go on ...")
    supervisor.go("/lines/demo").press("button[formaction$='/begin']")
    omar.go("/lines/demo")
    seen(omar, "!!document.querySelector('.strip [aria-current=step]')", "work of the first console on the second", 90)
    supervisor.go("/lines/demo")
    omar.press("button[value^='hold']")
    seen(supervisor, "!!document.querySelector(\"button[value^='unhold']\")", "the hold of the second console on the first", 90)
    shot(omar, "line-held-second")
    shot(supervisor, "line-held-first")
    omar.go("/lines/demo").press("button[value^='unhold']")
    omar.page.wait("!!document.querySelector('.strip [aria-current=step]')", 90)

    say("The second console is killed while somebody enters people there ...")
    names = [f"p{number:02}" for number in range(1, 61)]
    adds(layla, names, 5)
    os.kill(int(SECOND_PID), signal.SIGKILL)
    layla.page.wait("window.answered.at(-1)[1] === 0 || window.answered.length === 60", 60)
    answered = layla.page.run("window.answered")
    known = [person["id"] for person in supervisor.api("/people")["people"]]
    done = [name for name, status in answered if status == 200]
    expect(all(name in known for name in done), f"what was answered as done is in the books: {len(done)}")
    expect(len(known) == len(set(known)), "and nothing twice")
    late = [name for name in known if name.startswith("p") and name not in done]
    expect(len(late) <= 1, f"only the one under way may be there without an answer: {late}")
    say(f"  {len(done)} answered, {len(late)} more under way")
    expect(huda.api("/inspect")["count"] + len([1 for row in huda.api("/inspect")["cards"] if row["in_hand"]]) >= 1,
           "the first console goes on")

    say("The second starts again; then the first is killed with the line at work ...")
    again = restart()
    expect(reachable(SECOND), "the second is there again")
    layla.enter().go("/lines/demo")
    os.kill(int(FIRST_PID), signal.SIGKILL)
    seen(layla, "!!document.querySelector(\"button[formaction$='/begin']\")", "nobody works on the line, says the second", 60)
    shot(layla, "line-alone-second")
    layla.press("button[formaction$='/begin']")
    end = time.monotonic() + 400
    while time.monotonic() < end:
        cell = layla.api("/lines/demo")["cells"][0]
        if cell["state"] in ("complete", "held", "suspended"):
            break
        time.sleep(1)
    batch = layla.api("/batches")["batches"][0]
    wanted = arguments.records - arguments.held
    say(f"  {cell['state']}: {json.dumps(cell.get('why'))[:200]}; {batch['good']} good of {wanted}, {batch['held']} held, {batch['waiting']} waiting")
    expect(cell["state"] in ("complete", "held"), f"the line goes on in the second console: {json.dumps(cell)[:300]}")
    expect(batch["good"] + batch["held"] + batch["waiting"] + batch["in_work"] == arguments.records, f"no record is lost: {batch}")
    shot(layla, "line-after-second")
    cards = json.loads(subprocess.run(["sakk-plant", "census", "--dir", OUT + "/plant", "--json"], capture_output=True, text=True).stdout)["cards"]
    good = [card["chip"]["dg1_mrz"] for card in cards if card["place"].startswith("good:")]
    expect(len(good) == len(set(good)) and len(good) >= batch["good"], f"each card in the good box is another's: {len(good)}, books {batch['good']}")
    verified = subprocess.run(["sakk", "ledger", "verify", "--line", "seeds/demo/line.yaml"], capture_output=True, text=True)
    expect(verified.returncode == 0, f"the books follow from the journal: {verified.stderr[-300:]}")
    for browser in browsers:
        browser.close()
    again.terminate()
    again.wait(60)
    if failures:
        sys.exit(1)


def restart():
    """The second console once more, in the plant."""
    log = open(OUT + "/second.log", "a")
    return subprocess.Popen(["sakk-plant", "exec", "--dir", OUT + "/plant", "--", "sakk", "serve", "--line", "seeds/demo/line.yaml",
                      "--port", "8490", "--target", "120"], stderr=log)


main()
