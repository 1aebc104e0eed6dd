"""The Python client's asynchronous form, which sends its calls beside each other over another HTTP
library.
"""

import asyncio

import mygeotab
from mygeotab import api_async

from strangers import check


async def read(api, known):
    devices, users, counted, answers = await asyncio.gather(
        api.get_async("Device"),
        api.get_async("User"),
        api.call_async("GetCountOf", type_name="Device"),
        api.multi_call_async([
            ("GetCountOf", {"typeName": "User"}),
            ("Get", {"typeName": "Group"}),
        ]),
    )
    check("async: four calls at once give what one after the other did",
          {row["id"] for row in devices} == set(known["Device"])
          and {row["id"] for row in users} == set(known["User"])
          and counted == len(devices)
          and answers[0] == len(users)
          and {row["id"] for row in answers[1]} == set(known["Group"]))
    try:
        await api.get_async("Nonsense")
        check("async: an unknown entity is refused", False)
    except mygeotab.MyGeotabException as error:
        check("async: an unknown entity: MissingMethodException",
              error.name == "MissingMethodException")
    version = await api_async.server_call_async("GetVersion", api.credentials.server)
    check("async: GetVersion", str(version).count(".") >= 2)


def read_concurrently(credentials, known):
    """With the session that the other client began."""
    asyncio.run(read(api_async.API.from_credentials(credentials), known))
