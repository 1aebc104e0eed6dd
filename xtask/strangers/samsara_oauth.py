"""Opens the simulated organisation with Authlib: a code, an hour of access, refresh tokens of one
use, and their revocation.

The server is named by the environment. Prints a line a check; ends with 1 at the first that fails.
"""

from oauth_app import App, denial, refused, renewal, rotation, status, used_codes, wrong_secret
from strangers import check, simulator

LIFE_S = 3_600


def organisation(app, client):
    answer = client.get(f"{app.url}/me")
    check("GET /me: 200", answer.status_code == 200)
    return answer.json()["data"]["id"]


def codes(app):
    client = app.client()
    location, state = app.consent(client)
    token = app.exchange(client, location, state)
    check("token: for an hour, with what renews it",
          token["token_type"].lower() == "bearer" and token["expires_in"] == LIFE_S
          and bool(token["refresh_token"]))
    by_key = app.client(token={"access_token": app.api_key, "token_type": "bearer"})
    check("a token opens the organisation that the dashboard's token opens",
          organisation(app, client) == organisation(app, by_key))
    used_codes(app, location, state)
    return client


def revocation(app):
    client = app.client()
    location, state = app.consent(client)
    token = dict(app.exchange(client, location, state))
    organisation(app, client)
    answer = client.revoke_token(
        f"{app.url}/oauth2/revoke", token=token["refresh_token"],
        token_type_hint="refresh_token")
    check("revoke: 200", answer.status_code == 200)
    bearer = f"Bearer {token['access_token']}"
    check("revoke: no access any more", status(app, "/me", Authorization=bearer) == 401)
    refused("revoke: its refresh token", lambda: app.refresh(
        app.client(), refresh_token=token["refresh_token"]))


def main():
    app = App(simulator(), paths="/oauth2", method="client_secret_basic", sends_redirect=False)
    denial(app)
    client = codes(app)
    renewal(app, rotation(app, client, organisation), organisation)
    revocation(app)
    wrong_secret(app)
    check("a made-up token: 401", status(app, "/me", Authorization="Bearer made-up") == 401)


if __name__ == "__main__":
    main()
