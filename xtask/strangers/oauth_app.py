"""The app that a simulated provider knows, driven by Authlib: what the readers of both share.

The library is a generic OAuth 2 client; what it sends and what it takes for an answer is the
standard's, not ours. The consent page is answered as a browser would: its form is sent.
"""

import html
import re
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from strangers import check


class App:
    def __init__(self, server, *, paths, method, scope=None, sends_redirect=True):
        """`paths`: what the endpoints' paths begin with; `method`: how the app proves itself."""
        self.url = server["URL"]
        self.api_key = server["APIKEY"]
        self.id, self.secret = server["CLIENTID"], server["CLIENTSECRET"]
        self.redirect_uri = server["REDIRECTURI"]
        self.authorize_url = f"{self.url}{paths}/authorize"
        self.token_url = f"{self.url}{paths}/token"
        self.method, self.scope = method, scope
        self.redirect = {"redirect_uri": self.redirect_uri} if sends_redirect else {}

    def client(self, **options):
        return OAuth2Session(
            self.id, self.secret, scope=self.scope, redirect_uri=self.redirect_uri,
            token_endpoint_auth_method=self.method, token_endpoint=self.token_url, **options)

    def asked(self, client):
        """The page, its form's address, and the state that must come back."""
        page_url, state = client.create_authorization_url(self.authorize_url)
        page = requests.get(page_url)
        check("authorize: a page that asks", page.status_code == 200
              and page.headers["content-type"].startswith("text/html"))
        form = re.search(r'<form[^>]*method="post"[^>]*action="([^"]*)"', page.text)
        check("authorize: the page has a form", form is not None)
        return page, urljoin(page_url, html.unescape(form[1])), state

    def pressed(self, client, button):
        """The customer's part: where the browser is sent in the end, and the state that must
        come with it."""
        page, action, state = self.asked(client)
        pattern = rf'<button name="([^"]*)" value="([^"]*)">{button}</button>'
        found = re.search(pattern, page.text)
        check(f"authorize: the page has a button {button}", found is not None)
        sent = requests.post(action, data={found[1]: found[2]}, allow_redirects=False)
        location = sent.headers.get("location", "")
        check("authorize: leads back to the application, with its state",
              sent.status_code == 302 and location.startswith(self.redirect_uri)
              and parse_qs(urlsplit(location).query)["state"] == [state])
        return location, state

    def consent(self, client):
        return self.pressed(client, "Approve")

    def exchange(self, client, location, state):
        return client.fetch_token(
            self.token_url, authorization_response=location, state=state,
            redirect_uri=self.redirect_uri)

    def refresh(self, client, **token):
        return client.refresh_token(self.token_url, **self.redirect, **token)


def refused(what, call):
    try:
        call()
        check(f"{what}: refused", False)
    except OAuthError as error:
        check(f"{what}: invalid_grant", error.error == "invalid_grant")


def denial(app):
    location, _ = app.pressed(app.client(), "Deny")
    check("a denial: access_denied, and no code",
          parse_qs(urlsplit(location).query)["error"] == ["access_denied"]
          and "code=" not in location)


def used_codes(app, location, state):
    """`location`: where a code came with that has been used."""
    refused("a code a second time", lambda: app.exchange(app.client(), location, state))
    refused("a code that was never given", lambda: app.client().fetch_token(
        app.token_url, grant_type="authorization_code", code="made-up",
        redirect_uri=app.redirect_uri))
    other = app.client()
    location, state = app.consent(other)
    code = parse_qs(urlsplit(location).query)["code"][0]
    refused("a code of another address", lambda: other.fetch_token(
        app.token_url, grant_type="authorization_code", code=code,
        redirect_uri="https://elsewhere.test/callback"))


def rotation(app, client, account):
    """`account` asks for the account's id with a client."""
    first, mine = dict(client.token), account(app, client)
    second = app.refresh(client)
    check("refresh: both tokens are new",
          second["access_token"] != first["access_token"]
          and second["refresh_token"] != first["refresh_token"])
    check("refresh: the new token opens the same account", account(app, client) == mine)
    refused("a refresh token a second time", lambda: app.refresh(
        app.client(), refresh_token=first["refresh_token"]))
    return second


def renewal(app, token, account):
    """Left alone the library renews a token that has run out, and says so to be able to keep it."""
    kept = []
    client = app.client(
        token=dict(token) | {"expires_at": 1},
        update_token=lambda token, refresh_token=None, access_token=None: kept.append(token))
    mine = account(app, client)
    check("renewed before it asks", len(kept) == 1)
    refused("what it was renewed with", lambda: app.refresh(
        app.client(), refresh_token=token["refresh_token"]))
    check("and again", account(app, app.client(token=kept[0])) == mine)


def wrong_secret(app):
    wrong = app.client()
    wrong.client_secret = "wrong"
    try:
        app.refresh(wrong, refresh_token="whatever")
        check("a wrong secret is refused", False)
    except OAuthError as error:
        check("a wrong secret: invalid_client", error.error == "invalid_client")


def status(app, path, **headers):
    return requests.get(f"{app.url}{path}", headers=headers).status_code
