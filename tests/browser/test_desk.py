"""The desk in a real Chromium: send, ask, follow, filter, edit, replay; by keys, at every width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.desk import Served, served
from tests.browser.test_accessible import AUDIT, FOCUS
from tests.browser.test_axe import RUN, axe
from tests.browser.test_site_in_chromium import browser as browser
from tests.desk.running import many

EVIL = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>"


@pytest.fixture(scope="module")
def at() -> Iterator[Served]:
    with served() as desk:
        yield desk


class Page:
    """A page of the desk, and what the browser has complained about."""

    def __init__(self, browser: Any, at: Served, view: str, **options: Any) -> None:
        self.noticed: list[str] = []
        self.at = at
        self.tab = browser.new_page(viewport={"width": 1440, "height": 900}, **options)
        self.tab.on("console", lambda message: self.noticed.append(message.text))
        self.tab.on("pageerror", lambda error: self.noticed.append(str(error)))
        self.go(view)

    def go(self, view: str) -> None:
        """Open a view, and wait until the form is there."""
        self.tab.goto(f"{self.at.address}#/{view}")
        self.tab.wait_for_selector("#form:not([hidden])", state="attached")

    def send(self, id: str, body: str) -> None:
        """Fill in a body and send it."""
        name = id.split("/")[1]
        self.go(f"send/{id.replace('/', '%2F')}")
        self.tab.wait_for_selector(f"#what:has-text('{name}')")
        self.tab.fill("#body", body)
        self.tab.click("#publish")

    def text(self, selector: str) -> str:
        """What is written there, on one line."""
        found: str = self.tab.text_content(selector)
        return found.replace("\xa0", " ")

    def close(self) -> None:
        """Nothing was complained about."""
        assert self.noticed == []
        self.tab.close()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (390, "dark"),
        (1440, "light"),
        pytest.param(390, "light", marks=pytest.mark.soak),
        pytest.param(1440, "dark", marks=pytest.mark.soak),
        pytest.param(820, "light", marks=pytest.mark.soak),
    ],
)
def test_no_view_keeps_anybody_out(browser: Any, at: Served, width: int, scheme: str) -> None:
    for number in (1, -1):
        told = at.publish("bank/Charge", {"number": number})
    page = Page(browser, at, "send/bank%2FCharge", color_scheme=scheme, bypass_csp=True)
    page.tab.set_viewport_size({"width": width, "height": 900})
    page.tab.fill("#body", '{"number": ""}')
    page.tab.wait_for_selector("#valid.bad")
    page.tab.evaluate(axe())
    for view in ("send", "messages", f"message/{told['id']}", "letters"):
        page.tab.evaluate("view => { location.hash = `/${view}`; }", view)
        ready = {"messages": "#rows li", "letters": ".letters li", "send": "#form"}
        page.tab.wait_for_selector(ready.get(view, "#timeline pre"))
        assert page.tab.evaluate(RUN) == [], view
        assert page.tab.evaluate(AUDIT) == [], view
        wide = "document.documentElement.scrollWidth - innerWidth"
        assert page.tab.evaluate(wide) <= 0, view
    page.close()


def test_a_message_is_followed_through_services_and_sent_again(browser: Any, at: Served) -> None:
    page = Page(browser, at, "send/shop%2FPlaced")
    page.tab.fill("#parameter-region", "eu")
    page.tab.fill("#body", '{"number": 1}')
    page.tab.click("#publish")
    page.tab.wait_for_selector("#timeline li li li li li:has-text('on_charged') .proven")
    told = page.text("#timeline")
    for expected in ("through 2 services", "try 1", "again in 100 ms", "BusyError: come back"):
        assert expected in told
    assert told.index("Shop.on_placed") < told.index("Shop.charge") < told.index("Shop.on_charged")
    page.tab.click("#timeline .sent a:has-text('Charge') >> nth=0")
    page.tab.wait_for_selector("#timeline h2:has-text('Charge')")
    page.tab.click("text=Edit and send again")
    page.tab.wait_for_selector("#what:has-text('Charge')")
    assert page.tab.input_value("#body") == '{\n  "number": 1\n}'
    page.close()


def test_an_answer_a_refusal_and_a_timeout_are_beside_the_request(browser: Any, at: Served) -> None:
    page = Page(browser, at, "send/shop%2FGetQuote")
    page.send("shop/GetQuote", '{"item": "lamp"}')
    page.tab.wait_for_selector("#result .pill:has-text('answered')")
    assert "a valid Quote" in page.text("#result") and '"price": 7' in page.text("#result pre")
    page.send("shop/GetQuote", '{"item": "unknown"}')
    page.tab.wait_for_selector("#result .pill:has-text('failed')")
    assert "it is not sold here" in page.text("#result")
    page.tab.fill("#timeout", "1")
    page.send("shop/GetQuote", '{"item": "slow"}')
    page.tab.wait_for_selector("#result .pill:has-text('timeout')")
    page.go("send/shop%2FGetQuote")
    page.tab.set_viewport_size({"width": 390, "height": 900})
    page.tab.wait_for_selector("#views a[href='#/messages']:not([aria-current])")
    page.close()


def test_a_mistake_is_shown_at_its_line_while_it_is_written(browser: Any, at: Served) -> None:
    page = Page(browser, at, "send/bank%2FCharge")
    page.tab.fill("#body", '{\n  "number": "x"\n}')
    page.tab.wait_for_selector("#lines b")
    assert page.text("#lines b").strip() == "2"
    assert page.text("#problems .place") == "line 2, number"
    page.tab.click("#problems .place")
    assert page.tab.evaluate("document.getElementById('body').selectionStart") == 14
    page.tab.fill("#body", '{"number": 3}')
    page.tab.wait_for_selector("#valid:has-text('Valid'):not(.bad)")
    page.close()


def test_the_stream_is_filtered_by_words_outcome_and_service(browser: Any, at: Served) -> None:
    for number in (40, 41, -40):
        at.publish("bank/Charge", {"number": number})
    page = Page(browser, at, "messages")
    row = "#rows li"
    for words, expected in (
        ('topic:bank.charge "number":40 -charged', 1),
        ('"number":-40 topic:charge', 1),
    ):
        page.tab.fill("#filter", words)
        page.tab.wait_for_function(
            f"() => document.querySelectorAll('{row}').length === {expected}"
        )
    page.tab.fill("#filter", 'charge "number" -charged')
    assert "Charged" not in page.text("#rows")
    page.tab.fill("#filter", "")
    page.tab.select_option("#outcome", "dead-lettered")
    page.tab.wait_for_selector(f"{row}:has-text('nothing')")
    assert page.tab.locator(f"{row} .proven").count() == 0
    page.tab.select_option("#outcome", "")
    page.tab.select_option("#service", "bank")
    assert page.tab.locator(row).count() > 0
    assert page.tab.locator(f"{row}:has-text('on_placed')").count() == 0
    page.close()


def test_a_dead_letter_is_corrected_and_replayed(browser: Any, at: Served) -> None:
    page = Page(browser, at, "letters")
    page.send("bank/Charge", '{"number": -77}')
    page.tab.wait_for_selector("#timeline .broken")
    page.go("letters")
    letter = page.tab.locator(".letters li:has-text('-77')")
    letter.locator("text=Edit and replay").click()
    page.tab.wait_for_selector("#replaying:not([hidden])")
    page.tab.fill("#body", '{"number": 77}')
    page.tab.click("#publish")
    page.tab.wait_for_selector("#timeline .try .pill:has-text('handled')")
    page.go("letters")
    page.tab.wait_for_function(
        "() => !document.getElementById('by-queue').textContent.includes('-77')"
    )
    page.close()


def test_an_application_without_messages_says_what_to_do(browser: Any) -> None:
    with served(many(0)) as at:
        tab = browser.new_page()
        tab.goto(at.address)
        tab.wait_for_selector("#no-messages:not([hidden])")
        tab.wait_for_selector("#nothing:not([hidden])")
        assert not tab.is_visible("#find") and not tab.is_visible("#publish")
        tab.close()


def test_without_javascript_it_says_so_and_shows_nothing_that_is_dead(
    browser: Any, at: Served
) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(at.address)
    assert tab.is_visible("noscript a")
    assert not any(tab.is_visible(each) for each in ("#views", "#send", "#messages"))
    context.close()


def test_one_of_a_thousand_messages_is_found_by_its_topic(browser: Any) -> None:
    with served(many(1_000)) as at:
        page = Page(browser, at, "send/things%2FThing7Changed")
        page.tab.wait_for_selector("#what:has-text('Thing7Changed')")
        page.tab.keyboard.press("m")
        page.tab.keyboard.type("things.998.")
        assert page.tab.locator("#list li:visible").all_text_contents() == ["Thing998Changed"]
        page.tab.click("#list li:visible")
        page.tab.wait_for_selector("#what:has-text('Thing998Changed')")
        assert "No handler" in page.text("#who")
        page.close()


def test_what_strangers_write_is_text_and_does_nothing(browser: Any, at: Served) -> None:
    page = Page(browser, at, "messages")
    strange = {
        "is": "published",
        "id": EVIL,
        "at": 1,
        "cause": {"by": EVIL},
        "reason": EVIL,
        "sent": True,
    }
    about = {
        "name": EVIL,
        "message": None,
        "topic": EVIL,
        "exchange": EVIL,
        "parameters": {EVIL: EVIL},
    }
    within = {"headers": {EVIL: EVIL}, "properties": {EVIL: EVIL}, "body": EVIL, "length": 9}
    deep = "[" * 15_000 + "]" * 15_000
    at.note(
        [{**strange, **about, **within}, {**strange, **about, **within, "id": "deep", "body": deep}]
    )
    page.tab.wait_for_selector("#rows li:has-text('onerror')")
    page.tab.locator("#rows li:has-text('onerror') a").first.click()
    page.tab.wait_for_selector("#timeline pre")
    page.go("message/deep")
    page.tab.wait_for_selector("#timeline pre:has-text('[[[')")
    assert page.tab.locator("main img, main script").count() == 0
    assert page.tab.title() == "Desk"
    page.close()


def test_what_the_clock_sends_is_hidden_as_long_as_all_is_well_with_it(
    browser: Any, at: Served
) -> None:
    page = Page(browser, at, "messages")

    def tick(id: str, **cause: Any) -> dict[str, Any]:
        about = {"name": "Tick", "message": None, "topic": "tick", "exchange": "", "body": "{}"}
        within = {"parameters": {}, "headers": {}, "properties": {}, "length": 2}
        came = {"is": "published", "id": id, "at": 1, "sent": True, "reason": None}
        return {**came, **about, **within, "cause": {"by": "tick", **cause}}

    failed = {"is": "ended", "id": "bad", "at": 2, "handler": "Shop.tick", "queue": "q", "spent": 1}
    why = {
        "service": "shop",
        "attempt": 1,
        "outcome": "dead-lettered",
        "reason": "no",
        "delay": None,
    }
    row = "#rows li:has-text('Tick')"
    at.note([tick("one", clock=True), tick("bad", clock=True), tick("own"), {**failed, **why}])
    page.tab.wait_for_selector("#rows li[data-id='bad']")
    assert page.tab.locator(row).count() == 2
    assert "1 scheduled one is hidden" in page.text("#told")
    page.tab.fill("#filter", "tick")
    page.tab.wait_for_selector("#rows li[data-id='one']")
    page.tab.fill("#filter", "")
    page.tab.wait_for_selector("#rows li[data-id='one']", state="detached")
    page.tab.click("#clock")
    page.tab.wait_for_selector("#rows li[data-id='one']")
    assert page.tab.get_attribute("#clock", "aria-pressed") == "true"
    assert "hidden" not in page.text("#told")
    page.close()


def test_a_schedule_that_never_rests_is_one_line_and_pushes_nothing_out(browser: Any) -> None:
    with served() as at:
        told = at.publish("bank/Charge", {"number": 5})
        page = Page(browser, at, "messages")
        page.tab.wait_for_selector(f"#rows li[data-id='{told['id']}']")
        within = {"name": "Tick", "message": None, "topic": "tick", "exchange": "", "body": "{}"}
        came = {"is": "published", "at": 1, "sent": True, "reason": None, "cause": {"clock": True}}
        more = {"parameters": {}, "headers": {}, "properties": {}, "length": 2}
        for start in range(0, 2_400, 400):
            ticks = [{**came, **within, **more, "id": f"t{n}"} for n in range(start, start + 400)]
            at.note(ticks)
            expected = f"#clocks:has-text('× {start + 400:,}, last ')"
            page.tab.wait_for_selector(expected)
        assert page.tab.locator("#clocks li").count() == 1
        assert page.tab.locator("#rows li").count() == 2
        page.tab.click("#clocks a")
        page.tab.wait_for_selector("#timeline h2:has-text('Tick')")
        page.close()


def test_the_editor_indents_colours_and_lets_the_keyboard_out(browser: Any, at: Served) -> None:
    page = Page(browser, at, "send/bank%2FCharge")
    page.tab.wait_for_selector("#what:has-text('Charge')")
    keys = page.tab.keyboard
    focused = "document.activeElement.id"
    page.tab.focus("#body")
    keys.press("Tab")
    assert page.tab.evaluate(focused) != "body"
    page.tab.focus("#body")
    keys.press("Control+a")
    keys.type("{")
    keys.press("Enter")
    keys.type('"number": 12')
    keys.press("Home")
    keys.press("Tab")
    assert page.tab.input_value("#body") == '{\n    "number": 12'
    keys.press("Shift+Tab")
    assert page.tab.input_value("#body") == '{\n  "number": 12'
    keys.press("Control+z")
    assert page.tab.input_value("#body") == '{\n    "number": 12'
    assert page.text("#colours .ht") == '"number"' and page.text("#colours .hn") == "12"
    keys.press("Escape")
    keys.press("Tab")
    assert page.tab.evaluate(focused) != "body"
    page.close()


def test_a_phone_covers_no_word_of_the_timeline(browser: Any, at: Served) -> None:
    told = at.publish("bank/Charge", {"number": 6})
    page = Page(browser, at, f"message/{told['id']}")
    page.tab.set_viewport_size({"width": 390, "height": 800})
    page.tab.wait_for_selector("#timeline .try .track", state="attached")
    overlaid = """() => [...document.querySelectorAll(".try")].filter((one) => {
      const [text, track] = ["span:not(.pill, .track)", ".track"].map((part) =>
        one.querySelector(`:scope > ${part}`).getBoundingClientRect());
      return text.bottom > track.top + 1;
    }).length"""
    assert page.tab.evaluate(overlaid) == 0
    page.close()


def test_a_dialog_and_the_drawer_are_left_by_escape_and_give_the_focus_back(
    browser: Any, at: Served
) -> None:
    page = Page(browser, at, "send/bank%2FCharge")
    page.tab.set_viewport_size({"width": 390, "height": 800})
    for opener, opened, stops in (("help", "#keys", 0), ("open-menu", "#menu", 1)):
        page.tab.focus(f"#{opener}")
        page.tab.keyboard.press("Enter")
        page.tab.wait_for_selector(opened, state="visible")
        for _ in range(stops):
            page.tab.keyboard.press("Tab")
        assert page.tab.evaluate(f"!!document.activeElement.closest('{opened}')")
        page.tab.keyboard.press("Escape")
        page.tab.wait_for_selector(opened, state="hidden")
        assert page.tab.evaluate("document.activeElement.id") == opener
    page.close()


def test_ten_thousand_deliveries_leave_a_page_of_bounded_size(browser: Any, at: Served) -> None:
    page = Page(browser, at, "messages")
    about: dict[str, Any] = {
        "name": "Flood",
        "message": None,
        "topic": "flood",
        "exchange": "",
        "parameters": {},
    }
    within = {"headers": {}, "properties": {}, "body": "{}", "length": 2, "cause": {"by": "a test"}}
    for start in range(0, 10_000, 500):
        at.note(
            [
                {"is": "published", "id": f"flood {n}", "at": n, "sent": True, "reason": None}
                | about
                | within
                for n in range(start, start + 500)
            ]
        )
        page.tab.wait_for_selector(f"#rows li[data-id='flood {start + 499}']")
    assert page.tab.locator("#rows li").count() == 200
    assert page.text("#told").startswith("2,000 messages, the newest 200 are shown")
    assert page.tab.evaluate("document.querySelectorAll('*').length") < 3_000
    page.close()


def test_all_is_done_by_keys_and_every_stop_is_seen(browser: Any, at: Served) -> None:
    page = Page(browser, at, "send/bank%2FCharge")
    keys = page.tab.keyboard
    keys.press("?")
    page.tab.wait_for_selector("#keys[open]")
    keys.press("Escape")
    keys.press("b")
    assert page.tab.evaluate("document.activeElement.id") == "body"
    page.tab.fill("#body", '{"number": 500}')
    keys.press("Control+Enter")
    page.tab.wait_for_selector("#timeline .proven")
    keys.press("Escape")
    keys.press("Escape")
    page.tab.wait_for_selector("#messages:not([hidden])")
    keys.press("f")
    keys.type('"number":500 topic:bank.charge -charged')
    keys.press("Escape")
    page.tab.wait_for_function("() => document.querySelectorAll('#rows li').length === 1")
    keys.press("j")
    keys.press("Enter")
    page.tab.wait_for_selector("#timeline h2:has-text('Charge')")
    keys.press("e")
    page.tab.wait_for_function("() => document.activeElement.id === 'body'")
    keys.press("Escape")
    page.tab.evaluate("document.body.focus()")
    stops = []
    for _ in range(22):
        keys.press("Tab")
        stops.append(page.tab.evaluate(FOCUS))
    assert [stop for stop, is_seen in stops if not is_seen and "<body" not in stop] == []
    page.close()
