#!/usr/bin/env python3
"""chat URL SECONDS: ann writes to bob all the time, who listens on a socket, until
standard input ends; then it says how long the longest pause was, and fails if a
message was lost, came twice or out of order, or the pause was longer than SECONDS."""
import json
import sys
import threading
import time
import urllib.error
import urllib.request

url, most = sys.argv[1], float(sys.argv[2])
over = threading.Event()


def ask(path, body=None, token=None, raw=False):
    headers = {"Content-Type": "text/plain" if raw else "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else (body if raw else json.dumps(body)).encode()
    with urllib.request.urlopen(urllib.request.Request(url + path, data, headers), timeout=30) as answer:
        text = answer.read().decode()
        return text if raw else json.loads(text)


def person(name):
    answer = ask("/api/auth/login", {"username": name, "password": "correct horse"})
    return answer["user"]["_id"], answer["token"]


class Listener(threading.Thread):
    """A Socket.IO client that polls, and connects anew when it has to."""

    def __init__(self, token):
        super().__init__(daemon=True)
        self.token, self.heard, self.times = token, [], []

    def poll(self, place, body=None):
        return ask(place, body, raw=True)

    def listen(self):
        first = json.loads(ask("/socket.io/?EIO=4&transport=polling", raw=True)[1:])
        place = f"/socket.io/?EIO=4&transport=polling&sid={first['sid']}"
        self.poll(place, "40" + json.dumps({"token": self.token}))
        while True:
            for packet in self.poll(place).split("\x1e"):
                if packet == "2":
                    self.poll(place, "3")
                elif packet == "1" or packet.startswith(("41", "44")):
                    return
                elif packet.startswith("42"):
                    name, *values = json.loads(packet[2:])
                    if name == "message:new":
                        self.times.append(time.monotonic())
                        self.heard.append(values[0]["content"])

    def run(self):
        while True:
            try:
                self.listen()
            except (OSError, ValueError):
                pass  # the server, or nginx before it, is away
            time.sleep(0.2)


def write(token, to, n):
    """Until it is acknowledged, under one name all the time."""
    while True:
        try:
            return ask("/api/messages", {"recipient_id": to, "content": str(n), "clientId": f"n{n}"}, token)
        except OSError:
            time.sleep(0.1)


def history(token, other):
    found, before = [], ""
    while True:
        page = ask(f"/api/messages/conversation?with={other}&limit=100{before}", None, token)
        found = page["items"] + found
        if not page["more"]:
            return [message["content"] for message in found if message["content"].isdigit()]
        before = f"&before={page['items'][0]['seq']}"


def pause(times):
    return max(b - a for a, b in zip(times, times[1:]))


def main():
    (ann, writer), (bob, reader) = person("ann"), person("bob")
    listener = Listener(reader)
    listener.start()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    acknowledged = []
    while not over.wait(0.1):
        write(writer, bob, len(acknowledged))
        acknowledged.append(time.monotonic())
    end = time.monotonic() + 10
    last = str(len(acknowledged) - 1)
    while last not in listener.heard and time.monotonic() < end:
        time.sleep(0.1)

    stored = history(reader, ann)
    assert stored == [str(n) for n in range(len(acknowledged))], stored
    assert last in listener.heard, "it is not live any more"
    numbers = [int(word) for word in listener.heard if word.isdigit()]
    assert numbers == sorted(set(numbers)), numbers
    pauses = pause(acknowledged), pause(listener.times)
    print(f"# {len(stored)} messages, {len(numbers)} of them live; the longest pauses: "
          f"{pauses[0]:.1f} s in writing, {pauses[1]:.1f} s in hearing")
    assert max(pauses) <= most, pauses


main()
