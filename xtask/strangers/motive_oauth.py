"""Opens the simulated company with Authlib: a code, two hours of access, refresh tokens of one use.

The server is named by the environment. Prints a line a check; ends with 1 at the first that fails.
"""

from oauth_app import App, denial, renewal, rotation, status, used_codes, wrong_secret
from strangers import check, simulator

SCOPES = "companies.read vehicles.read users.read"
LIFE_S = 7_200


def company(app, client):
    answer = client.get(f"{app.url}/v1/companies")
    check("GET /v1/companies: 200, and one company",
          answer.status_code == 200 and len(answer.json()["companies"]) == 1)
    return answer.json()["companies"][0]["company"]["id"]


def codes(app):
    client = app.client()
    location, state = app.consent(client)
    token = app.exchange(client, location, state)
    check("token: for two hours, with what renews it and what it is for",
          token["token_type"].lower() == "bearer" and token["expires_in"] == LIFE_S
          and token["refresh_token"] and set(token["scope"].split()) == set(SCOPES.split())
          and token["created_at"] > 0)
    groups = client.get(f"{app.url}/v1/groups")
    check("a scope that was not asked for: 403", groups.status_code == 403)
    used_codes(app, location, state)
    return client


def strangers(app):
    wrong_secret(app)

    def asked(**headers):
        return status(app, "/v1/companies", **headers)

    check("an API key in its own header: 200", asked(**{"X-Api-Key": app.api_key}) == 200)
    check("an API key as a bearer's token: 401",
          asked(Authorization=f"Bearer {app.api_key}") == 401)
    check("no credentials: 401", asked() == 401)
    check("a made-up token: 401", asked(Authorization="Bearer made-up") == 401)


def main():
    app = App(simulator(), paths="/oauth", method="client_secret_post", scope=SCOPES)
    denial(app)
    client = codes(app)
    renewal(app, rotation(app, client, company), company)
    strangers(app)


if __name__ == "__main__":
    main()
