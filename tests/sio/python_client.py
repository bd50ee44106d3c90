"""python-socketio talks to an echo server: python_client.py FLAVOUR MODE URL PLAY

FLAVOUR is sync or asyncio, MODE defaults, "websocket only" or "polling only",
PLAY scenarios or restart. Ends with status 0 when all went as it should.

The play is written once, in asyncio; Sync makes the synchronous client look
the same, each of its calls in a thread.
"""
import asyncio
import os
import sys

import socketio

PATIENCE = 20
TRANSPORTS = {
    "defaults": None,
    "websocket only": ["websocket"],
    "polling only": ["polling"],
}
SETTLED = {
    "defaults": "websocket",
    "websocket only": "websocket",
    "polling only": "polling",
}
# A polled payload of more than 16 packets is refused by python-engineio itself.
WINDOW = {"websocket": 500, "polling": 8}
COUNT = {"websocket": 10_000, "polling": 1_000}
BINARY = {"websocket": 900_000, "polling": 700_000}


class Sync:
    """The synchronous client, awaited.

    It handles each message in a thread of its own, so that messages which
    follow each other closely may overtake each other inside the client.
    """

    ordered = False

    def __init__(self):
        self.client = socketio.Client()

    def on(self, *args, **kwargs):
        self.client.on(*args, **kwargs)

    def transport(self):
        return self.client.transport()

    def __getattr__(self, name):
        method = getattr(self.client, name)
        return lambda *args, **kwargs: asyncio.to_thread(method, *args, **kwargs)


class Events:
    """What the server emitted, by event, in order."""

    def __init__(self, client, *names, namespace="/"):
        self.loop = asyncio.get_running_loop()
        self.queues = {name: asyncio.Queue() for name in names}
        for name in names:
            client.on(name, self.keeper(name), namespace=namespace)

    def keeper(self, name):
        def keep(*args):
            self.loop.call_soon_threadsafe(self.queues[name].put_nowait, args)

        return keep

    async def next(self, name):
        return await asyncio.wait_for(self.queues[name].get(), PATIENCE)


async def connect(client, url, mode, **kwargs):
    transports = TRANSPORTS[mode]
    if transports:
        kwargs["transports"] = transports
    await client.connect(url, wait_timeout=PATIENCE, **kwargs)


async def echoes(client, main):
    args = (1, "2", {"3": [True, None]}, "é€𝄞")
    await client.emit("message", args)
    assert await main.next("message-back") == args
    binary = (os.urandom(1000), {"deep": [b"\x00\x01\xff"]})
    await client.emit("message", binary)
    assert await main.next("message-back") == binary


async def acknowledgements(client, main):
    assert await client.call("message-with-ack", "one") == "one"
    assert tuple(await client.call("message-with-ack", (1, b"two"))) == (1, b"two")
    client.on("question", lambda kind: (kind, b"because"))
    await client.emit("ask", "why")
    assert await main.next("answered") == ("why", b"because")


async def large(client, settled):
    text = "x" * 900_000
    assert await client.call("message-with-ack", text, timeout=PATIENCE) == text
    data = os.urandom(BINARY[settled])
    assert await client.call("message-with-ack", data, timeout=PATIENCE) == data


async def many(client, main, settled):
    count, window = COUNT[settled], WINDOW[settled]
    for start in range(0, count, window):
        for i in range(start, start + window):
            await client.emit("message", i)
        got = [await main.next("message-back") for _ in range(window)]
        if not getattr(client, "ordered", True):
            got.sort()
        assert got == [(i,) for i in range(start, start + window)]


async def scenarios(client, url, mode):
    settled = SETTLED[mode]
    main = Events(client, "auth", "message-back", "answered")
    custom = Events(client, "auth", namespace="/custom")
    auth = {"token": "123"}
    await connect(client, url, mode, auth=auth, namespaces=["/", "/custom"])
    assert await main.next("auth") == (auth,)
    assert await custom.next("auth") == (auth,)
    assert client.transport() == settled
    await echoes(client, main)
    await acknowledgements(client, main)
    await large(client, settled)
    await many(client, main, settled)
    await client.disconnect()


async def restart(client, url, mode):
    main = Events(client, "auth")
    gone = Events(client, "disconnect")
    await connect(client, url, mode)
    await main.next("auth")
    print("connected", flush=True)
    await gone.next("disconnect")
    await main.next("auth")
    assert await client.call("message-with-ack", "back again") == "back again"
    await client.disconnect()


async def main():
    flavour, mode, url, play = sys.argv[1:]
    client = Sync() if flavour == "sync" else socketio.AsyncClient()
    plays = {"scenarios": scenarios, "restart": restart}
    await plays[play](client, url, mode)


asyncio.run(main())
