"""Two consoles on one server, used by scripts/consoles-test: a browser at each. Ends with 1 when something is not so."""
import argparse, json, os, re, signal, subprocess, sys, time, urllib.parse, urllib.request
from console_people import Person, expect, failures, say
from console_test import Browser

parser = argparse.ArgumentParser()
parser.add_argument("--first", required=True, help="address and process of the console in which the line works")
parser.add_argument("--second", required=True)
parser.add_argument("--out", required=True)
parser.add_argument("--records", type=int, required=True)
parser.add_argument("--held", type=int, required=True)
parser.add_argument("--blanks", type=int, required=True, help="that still lie in the hopper")
parser.add_argument("--short", action="store_true", help="without the inspector's pause, which takes its minutes")
parser.add_argument("--few", action="store_true", help="what two consoles share, and one kill of the second: no line works")
arguments = parser.parse_args()
(FIRST, FIRST_PID), (SECOND, SECOND_PID) = (text.split() for text in (arguments.first, arguments.second))
LINE = "seeds/demo/line.yaml"
OUT = arguments.out
PAGES = OUT + "/pages"
os.makedirs(PAGES, exist_ok=True)


def reachable(address):
    end = time.monotonic() + 240
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


def changed(first, second, request, condition, words):
    """What `first` does at one console, and the open page of `second` at the other, which nobody touches: how long the
    request took, and how long after its answer the change was on the screen. Both browsers read one clock."""
    second.page.run("""(() => {
      window.shownAt = 0;
      const look = () => { if (!window.shownAt && %s) window.shownAt = Date.now(); };
      new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
      look();
      return window.shownAt === 0; })()""" % condition)
    expect(second.page.run("window.shownAt") == 0, f"{words}: not shown before it is done")
    asked, answered, status = first.page.run("(async () => { const asked = Date.now(); const answer = await %s; "
                                             "return [asked, Date.now(), answer.status]; })()" % request)
    expect(status in (0, 200, 202, 303), f"{words} is done: {status}")
    second.page.wait("window.shownAt > 0", 60)
    took = second.page.run("window.shownAt") - answered
    return answered - asked, took


def told(figures, words):
    """The middle and the longest of some changes; with what else wanted to run on this machine meanwhile."""
    shown = sorted(took for _, took in figures)
    say(f"  {words}: on the other console's screen {shown[len(shown) // 2]} ms after the answer, {shown[-1]} ms the longest of "
        f"{len(shown)}; its request took {sorted(took for took, _ in figures)[len(figures) // 2]} ms (load {os.getloadavg()[0]:.0f})")


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


class Second:
    """The second console: killed as by a power cut, and started again in the plant."""

    def __init__(self, pid):
        self.pid, self.process = int(pid), None

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        if self.process:
            self.process.wait()

    def restart(self):
        with open(OUT + "/second.log", "a") as log:
            self.process = subprocess.Popen(
                ["sakk-plant", "exec", "--dir", OUT + "/plant", "--", "sakk", "serve", "--line", LINE, "--port", "8490",
                 "--target", "120"], stderr=log)
        self.pid = self.process.pid
        expect(reachable(SECOND), "the second is there again")

    def end(self):
        if self.process:
            self.process.terminate()
            self.process.wait(60)


def books(question):
    """One figure from the server itself: what the books hold, not what a page says."""
    answer = subprocess.run(["psql", "-XAtq", os.environ["SAKK_LEDGER"], "-c", question], capture_output=True, text=True)
    expect(answer.returncode == 0, f"the server answers: {answer.stderr[:200]}")
    return int(answer.stdout.strip() or 0)


def hand(*words):
    return subprocess.run(["sakk-plant", "hand", *words, "--dir", OUT + "/plant"], capture_output=True, text=True)


def census():
    text = subprocess.run(["sakk-plant", "census", "--dir", OUT + "/plant", "--json"], capture_output=True, text=True).stdout
    return json.loads(text)["cards"]


def place_of(attempt):
    """Where the card of this attempt lies, by what its chip says."""
    with open(f"{OUT}/pictures/{attempt}-mrz.json") as file:
        wanted = "".join(json.load(file)["expected"])
    [place] = [card["place"] for card in census() if (card["chip"]["dg1_mrz"] or "").replace("\n", "") == wanted]
    return place


def wait_cell(person, states, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        cell = person.api("/lines/demo")["cells"][0]
        if cell["state"] in states:
            break
        time.sleep(1)
    return cell


def wait_good(person, count):
    end = time.monotonic() + 240
    while person.api("/batches")["batches"][0]["good"] < count and time.monotonic() < end:
        time.sleep(1)
    expect(person.api("/batches")["batches"][0]["good"] >= count, f"the line made {count} good cards")


def at(person, path):
    """At this page, signed in anew where the console that knew the session is gone."""
    person.go(path)
    if person.page.run("location.pathname") == "/signin":
        person.enter().go(path)
    return person


def verdicts(second, sami):
    """The second console dies while a verdict is on its way; the line works in the first one. In the end it is said once."""
    say("The second console is killed in the middle of a verdict ...")
    at(sami, "/inspect")
    # what lies before huda is not shown to sami
    waiting = [card["attempt"] for card in sami.api("/inspect")["cards"] if card["in_hand"] in (None, "", "sami")]
    if not waiting:
        return expect(False, "a card waits for a verdict")
    attempt = waiting[0]
    expect(hand("move", "--from", place_of(attempt), "--to", "desk").returncode == 0, "the card comes to the desk reader")
    for delay in (0.03, 0.4):
        at(sami, "/inspect/" + attempt).page.run("document.getElementById('main').focus(); true")
        expect(sami.page.run("location.pathname") == "/inspect/" + attempt, "its pictures are shown")
        sami.key("Digit7")
        time.sleep(delay)
        second.kill()
        sami.page.wait("!document.querySelector('[data-busy]')", 30)
        second.restart()
        # what the dead one had asked the line for is carried out there, or was never asked for
        time.sleep(2)
        once = said(attempt)
        say(f"  after {delay} s: {'it was carried out' if once else 'it was not begun'}")
        if once:
            break
    else:
        at(sami, "/inspect/" + attempt).verdict("Digit7")
    expect(said(attempt) == 1, f"said once, not {said(attempt)} times: {sami.news()[:200]}")
    expect(place_of(attempt) == "desk", "the card lies where it was laid")
    hand("move", "--from", "desk", "--to", "reject:top")


def said(attempt):
    return books(f"SELECT COUNT(*) FROM verdict WHERE attempt = '{attempt}'")


def scans(second, ali, supervisor):
    """The second console dies while a packer's scan is on its way: scanned again, each document is packed once."""
    say("The second console is killed in the middle of scans ...")
    batch = supervisor.api("/batches")["batches"][0]["batch"]
    records = supervisor.api("/batches/" + urllib.parse.quote(batch))["records"]
    good = [record["production"] for record in records if record["state"] == "produced"][:3]
    for production, delay in zip(good, (0.01, 0.05, 0.2)):
        [mark] = [attempt["blank"] for attempt in supervisor.api("/documents/" + production)["attempts"] if attempt["state"] == "produced"]
        at(ali, "/dispatch")
        ali.page.fill("form.scan [name=scan]", mark)
        ali.page.run("document.querySelector('form.scan').requestSubmit(); true")
        time.sleep(delay)
        second.kill()
        ali.page.wait("!document.querySelector('form.scan')?.dataset.busy", 30)
        second.restart()
        packed = f"SELECT COUNT(*) FROM parcel WHERE production = '{production}'"
        before = books(packed)
        at(ali, "/dispatch")
        scan(ali, mark)
        envelope = ali.api("/dispatch")["bench"]["envelope"]
        expect(envelope, f"its envelope is named again: {ali.news()[:200]}")
        scan(ali, envelope)
        expect(books(packed) == 1, f"packed once: {before} before, {books(packed)} after")
        rows = f"SELECT COUNT(*) FROM journal WHERE log = 'shipping' AND kind = 'parcel.released' AND convert_from(subjects, 'UTF8') LIKE '%{production}%'"
        expect(books(rows) == 1, f"taken out of the good box once: {books(rows)}")
        ali.page.press("button[formaction='/dispatch/put-down']")
        say(f"  after {delay} s: {'it was done' if before else 'it was not begun'}; scanned again it is one document in one envelope")


def scan(person, code):
    page = person.page
    if page.run("location.pathname") != "/dispatch":
        person.go("/dispatch")
    page.fill("form.scan [name=scan]", code)
    page.run("document.querySelector('form.scan').requestSubmit(); true")
    page.wait("document.querySelector('form.scan [name=scan]').value === '' && !document.querySelector('form.scan').dataset.busy")
    expect(not page.run("!!document.querySelector('main .news.bad')"), f"{code}: {person.news()[:160]}")


def killed(second, layla, supervisor, huda):
    """The second console dies while somebody enters people there: what it answered is in the books, and nothing twice."""
    say("The second console is killed while somebody enters people there ...")
    names = [f"p{number:02}" for number in range(1, 61)]
    adds(layla, names, 5)
    second.kill()
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


def end(begun, browsers, second):
    verified = subprocess.run(["sakk", "ledger", "verify", "--line", LINE], capture_output=True, text=True)
    expect(verified.returncode == 0, f"the books follow from the journal: {verified.stderr[-300:]}")
    for browser in browsers:
        browser.close()
    second.end()
    say(f"It took {time.monotonic() - begun:.0f} s.")
    if failures:
        sys.exit(1)


def main():
    begun = time.monotonic()
    second = Second(SECOND_PID)
    expect(reachable(FIRST) and reachable(SECOND), "both consoles answer")
    secret = re.search(r"^Sign in once as supervisor with (\S+)", open(OUT + "/serve.log").read(), re.M).group(1)
    browsers = [Browser(), Browser()]
    say("The supervisor signs in at the first console; the others at both ...")
    supervisor = Person(browsers[0], "supervisor", "four green apples fall", FIRST).choose(secret)
    people = {}
    for index, (name, role) in enumerate([("huda", "inspector"), ("sami", "inspector"), ("layla", "supervisor"), ("omar", "operator"),
                                              ("ali", "logistics")]):
        supervisor.go("/people")
        supervisor.page.fill("form[action='/people'] [name=id]", name)
        supervisor.page.fill("form[action='/people'] [name=name]", name)
        supervisor.page.run(f"document.querySelector(\"form[action='/people'] [value='{role}']\").checked = true")
        supervisor.press("form[action='/people'] button.main")
        once = supervisor.page.run("document.querySelector('.once').innerText")
        at_first = name == "huda"
        people[name] = Person(browsers[0 if at_first else 1], name, f"the long password of {name[::-1]}",
                              FIRST if at_first else SECOND).choose(once)
    huda, sami, layla, omar, ali = (people[name] for name in ("huda", "sami", "layla", "omar", "ali"))

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
    supervisor.go("/approvals")
    form = "document.querySelector(\"form[action='/queue/bump']\")"
    told([changed(supervisor, layla,
                  f"fetch('/queue/bump', {{method: 'POST', redirect: 'manual', body: new URLSearchParams(new FormData({form}))}})",
                  "!!document.querySelector('[data-live] td b + bdi, [data-live] td b ~ div')", "a bump")],
         "a record that went before its turn")
    shot(layla, "queue-second")
    # one open page, a change after the other: requests for a second person
    layla.go("/approvals")
    supervisor.go("/queue")
    asks = []
    for number, row in enumerate([row for row in rows if row["class"] == "normal"][:-1][:5], 1):
        body = json.dumps(urllib.parse.urlencode({"record": row["request"], "class": "campaign", "reason": f"journey {number}"}))
        asks.append(changed(
            supervisor, layla, "fetch('/queue/bump', {method: 'POST', redirect: 'manual', headers: {'content-type': "
            "'application/x-www-form-urlencoded'}, body: " + body + " + '&token=' + document.querySelector('[name=token]').value})",
            f"document.querySelector('[data-live] b')?.textContent === '{number}'", f"request {number}"))
        time.sleep(0.3)
    expect(len(asks) >= 3, f"there was something to ask for: {len(asks)}")
    told(asks, "a request for a second person")

    say("Two inspectors at two consoles ...")
    inspectors(huda, sami)
    if not arguments.short and not arguments.few:
        pause(sami)
    if arguments.few:
        killed(second, layla, supervisor, huda)
        second.restart()
        return end(begun, browsers, second)

    say("Blanks are counted into the hopper; the line works in the first console; the second holds it and lets it go on ...")
    supervisor.go("/stock")
    supervisor.page.fill("form[action='/stock/counted'] [name=count]", str(arguments.blanks))
    supervisor.page.fill("form[action='/stock/counted'] [name=lot]", "LOT-1")
    supervisor.press("form[action='/stock/counted'] button.main")
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

    killed(second, layla, supervisor, huda)
    second.restart()
    verdicts(second, sami)
    wait_good(supervisor, 3)
    scans(second, ali, supervisor)

    say("The first is killed with the line at work; the second takes the line over ...")
    at(layla, "/lines/demo")
    os.kill(int(FIRST_PID), signal.SIGKILL)
    seen(layla, "!!document.querySelector(\"button[formaction$='/begin']\")", "nobody works on the line, says the second", 90)
    shot(layla, "line-alone-second")
    layla.press("button[formaction$='/begin']")
    cell = wait_cell(layla, ("complete", "held"), 400)
    batch = layla.api("/batches")["batches"][0]
    say(f"  {cell['state']}: {json.dumps(cell.get('why'))[:200]}; {batch['good']} good of {arguments.records}, {batch['held']} held, {batch['waiting']} waiting")
    expect(cell["state"] in ("complete", "held"), f"the line goes on in the second console: {json.dumps(cell)[:300]}")
    expect(batch["good"] + batch["held"] + batch["waiting"] + batch["in_work"] == arguments.records, f"no record is lost: {batch}")
    shot(layla, "line-after-second")
    good = [card["chip"]["dg1_mrz"] for card in census() if card["place"].startswith("good:")]
    expect(len(good) == len(set(good)) and len(good) >= batch["good"], f"each card in the good box is another's: {len(good)}, books {batch['good']}")
    end(begun, browsers, second)


main()
