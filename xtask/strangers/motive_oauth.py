"""Opens the simulated company with Authlib: a code, two hours of access, refresh tokens of one use.

The library is a generic OAuth 2 client; what it sends and what it takes for an answer is the
standard's, not ours. The consent page is answered as a browser would: its form is sent.

The server is named by the environment. Prints a line a check; ends with 1 at the first that fails.
"""

import html
import re
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from strangers import check, simulator

SCOPES = "companies.read vehicles.read users.read"
LIFE_S = 7_200


class App:
    """The one application that the simulator knows."""

    def __init__(self, server):
        self.url = server["URL"]
        self.api_key = server["APIKEY"]
        self.id, self.secret = "sim-client", "sim-secret"
        self.redirect_uri = "http://127.0.0.1:8080/callback"
        self.token_url = f"{self.url}/oauth/token"

    def client(self, **options):
        return OAuth2Session(
            self.id, self.secret, scope=SCOPES, redirect_uri=self.redirect_uri,
            token_endpoint_auth_method="client_secret_post", token_endpoint=self.token_url,
            **options)

    def consent(self, client):
        """The customer's part: where the browser is sent in the end, and the state that must
        come with it."""
        page_url, state = client.create_authorization_url(f"{self.url}/oauth/authorize")
        page = requests.get(page_url)
        check("authorize: a page that asks", page.status_code == 200
              and page.headers["content-type"].startswith("text/html"))
        form = re.search(r'<form[^>]*method="post"[^>]*action="([^"]*)"', page.text)
        check("authorize: the page has a form", form is not None)
        sent = requests.post(urljoin(page_url, html.unescape(form[1])), allow_redirects=False)
        location = sent.headers.get("location", "")
        check("authorize: leads back to the application, with its state",
              sent.status_code == 302 and location.startswith(self.redirect_uri)
              and parse_qs(urlsplit(location).query)["state"] == [state])
        return location, state

    def exchange(self, client, location, state):
        return client.fetch_token(
            self.token_url, authorization_response=location, state=state,
            redirect_uri=self.redirect_uri)


def refused(what, call):
    try:
        call()
        check(f"{what}: refused", False)
    except OAuthError as error:
        check(f"{what}: invalid_grant", error.error == "invalid_grant")


def company(app, client):
    answer = client.get(f"{app.url}/v1/companies")
    check("GET /v1/companies: 200", answer.status_code == 200)
    return [row["company"]["id"] for row in answer.json()["companies"]]


def codes(app):
    client = app.client()
    location, state = app.consent(client)
    token = app.exchange(client, location, state)
    check("token: for two hours, with what renews it and what it is for",
          token["token_type"].lower() == "bearer" and token["expires_in"] == LIFE_S
          and token["refresh_token"] and set(token["scope"].split()) == set(SCOPES.split())
          and token["created_at"] > 0)
    check("a token opens one company", len(company(app, client)) == 1)
    groups = client.get(f"{app.url}/v1/groups")
    check("a scope that was not asked for: 403", groups.status_code == 403)
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
    return client


def rotation(app, client):
    first = dict(client.token)
    second = client.refresh_token(app.token_url, redirect_uri=app.redirect_uri)
    check("refresh: both tokens are new",
          second["access_token"] != first["access_token"]
          and second["refresh_token"] != first["refresh_token"])
    check("refresh: the new token opens the same company", len(company(app, client)) == 1)
    refused("a refresh token a second time", lambda: app.client().refresh_token(
        app.token_url, refresh_token=first["refresh_token"]))
    return second


def renewal(app, token):
    """Left alone the library renews a token that has run out, and says so to be able to keep it."""
    kept = []
    client = app.client(
        token=dict(token) | {"expires_at": 1},
        update_token=lambda token, refresh_token=None, access_token=None: kept.append(token))
    check("renewed before it asks", len(company(app, client)) == 1 and len(kept) == 1)
    refused("what it was renewed with", lambda: app.client().refresh_token(
        app.token_url, refresh_token=token["refresh_token"]))
    check("and again", len(company(app, app.client(token=kept[0]))) == 1)


def strangers(app):
    wrong = app.client()
    wrong.client_secret = "wrong"
    try:
        wrong.refresh_token(app.token_url, refresh_token="whatever")
        check("a wrong secret is refused", False)
    except OAuthError as error:
        check("a wrong secret: invalid_client", error.error == "invalid_client")

    def status(**headers):
        return requests.get(f"{app.url}/v1/companies", headers=headers).status_code

    check("an API key in its own header: 200", status(**{"X-Api-Key": app.api_key}) == 200)
    as_token = status(Authorization=f"Bearer {app.api_key}")
    check("an API key as a bearer's token: 401", as_token == 401)
    check("no credentials: 401", status() == 401)
    check("a made-up token: 401", status(Authorization="Bearer made-up") == 401)


def main():
    app = App(simulator())
    client = codes(app)
    renewal(app, rotation(app, client))
    strangers(app)


if __name__ == "__main__":
    main()
