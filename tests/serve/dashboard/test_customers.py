"""Finding customers and their cards in a browser; who may see whom; names that look like markup."""

from __future__ import annotations

import nasty_names
import pytest

from patron.contract.personal_data import MASK
from patron.project.number_format import Formats
from patron.publish.reader import open_published


def gold(project, sql, *parameters):
    with open_published(project.published) as connection:
        return connection.execute(sql, parameters).fetchall()


def sign_in(page, name, password=""):
    page.page.get_by_label("Username", exact=True).fill(name)
    page.page.get_by_label("Password", exact=True).fill(password or nasty_names.PASSWORDS[name])
    page.page.get_by_role("button", name="Sign in").click()
    return page


def found(page):
    return page.page.locator(".st-key-customers-found button").all_inner_texts()


def test_a_customer_is_found_by_id_name_and_email(retailer, screen):
    sql = "select customer_id, customer_name, email from customer_360 where email is not null and order_count > 3 order by 1 limit 1"
    customer_id, name, email = gold(retailer, sql)[0]
    page = screen(retailer).open("customers")
    for requested in (customer_id, name.upper(), email):
        page.fill("Search customers", requested)
        assert any(line.startswith(name) and f" {customer_id} " in line for line in found(page))
    assert "find=" in page.page.url
    page.fill("Search customers", "nobody is called so")
    assert "No customers match “nobody is called so”" in page.text()


def test_the_card_is_gold(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    sql = "select customer_id from customer_events where event_kind = 'contact' group by 1 order by count(*) desc, 1 limit 1"
    customer_id = gold(retailer, sql)[0][0]
    facts = "select historical_clv, order_count, segment, recommended_action from customer_360 where customer_id = ?"
    spent, orders, segment, step = gold(retailer, facts, customer_id)[0]
    events = gold(
        retailer,
        "select (select count(*) from fct_orders where customer_id = ?) + (select count(*) from customer_events where customer_id = ?)",
        customer_id,
        customer_id,
    )[0][0]
    page = sheet(retailer).open("customers", customer=customer_id)
    assert page.tile("Lifetime value to date") == formats.money(spent, cents=spent < 1000)
    assert page.tile("Orders") == formats.count(orders)
    assert segment in page.text()
    assert step in page.text()
    assert len(page.table("Activity")) == events


def test_a_customer_is_opened_and_left_again(retailer, screen):
    page = screen(retailer).open("customers", segment="Champions")
    first = page.page.locator(".st-key-customers-found button").first
    name = first.locator("strong").inner_text()
    first.click()
    page.page.locator(".card h2", has_text=name).wait_for()
    assert "customer=" in page.painted().page.url
    page.page.get_by_role("button", name="All customers").click()
    page.page.get_by_label("Search customers").wait_for()
    assert "customer=" not in page.painted().page.url
    assert all("Champions" in line for line in found(page))


def test_an_unknown_id_shows_the_search_hint(retailer, sheet):
    assert "No customer <i>x" in sheet(retailer).open("customers", customer="<i>x").text()


def test_without_a_password_nothing_is_shown(odd_shop, screen):
    page = screen(odd_shop).open("customers", customer="c1")
    assert page.page.locator(".page-heading").count() == 0
    sign_in(page, "ana", "wrong password")
    page.page.get_by_text("Wrong username or password.").wait_for()
    assert "script" not in page.text()


@pytest.mark.parametrize("customer_id", list(nasty_names.NAMES))
def test_names_stay_names(odd_shop, screen, customer_id):
    page = screen(odd_shop).open("customers", customer=customer_id)
    page.page.on("dialog", lambda dialog: page.complaints.append(f"a dialog: {dialog.message}"))
    sign_in(page, "ana").page.locator(".card h2").wait_for()
    assert page.painted().page.locator(".card h2").inner_text() == nasty_names.NAMES[customer_id]
    page.page.get_by_role("button", name="All customers").click()
    page.page.get_by_label("Search customers").wait_for()
    names = [line.split(" · ")[0] for line in found(page.painted())]
    assert sorted(names) == sorted(nasty_names.NAMES.values())
    assert page.page.locator(".page-heading .shop").inner_text() == "<u>Odd</u> *Shop*"


def test_users_without_the_role_see_no_personal_data(odd_shop, screen):
    page = screen(odd_shop).open("customers", customer="c5")
    sign_in(page, "ben").page.locator(".card h2").wait_for()
    assert page.painted().page.locator(".card h2").inner_text() == MASK
    assert "c5@example.net" not in page.page.content()
    page.page.get_by_role("button", name="All customers").click()
    page.page.get_by_label("Search customers").wait_for()
    page.painted().fill("Search customers", "c5@example.net")
    assert "No customers match" in page.text()
    page.fill("Search customers", "c5")
    assert len(found(page)) == 1
    assert "HYPERLINK" not in page.page.content()
