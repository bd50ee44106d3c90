"""Models of the two old clients of the line protocol, with what breaks in them:

    line-client.py terminal PORT     send, one read of 1024 bytes, send
    line-client.py web PORT          a thread that reads 1024 bytes at a time

Standard input has one command a line: `say TEXT` (JSON string), for the web
client also `connect NAME`, `disconnect` (closes under the thread, so no FIN is
sent) and `sleep MS`. Standard output is what the client shows, as JSON: ["shown", TEXT],
["ended", WHY], ["connected"].
"""
import json
import socket
import sys
import threading
import time

GOODBYES = {'quit', 'exit', 'au revoir', 'aurevoir', 'à plus', 'a plus', 'bye', 'goodbye', 'ciao',
            'tchao', 'bye bye', 'à bientôt', 'a bientot', 'adieu', 'fin'}


lock = threading.Lock()  # two threads may show something at once


def show(*event):
    with lock:
        print(json.dumps(event), flush=True)


class Terminal:
    """Reads once after each send, and nothing else."""

    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port))

    def say(self, text):
        if text == '':
            return
        self.socket.send(text.encode())
        data = self.socket.recv(1024)
        if not data:
            show('ended', 'closed')
            sys.exit(0)
        answer = data.decode()  # a character that is cut ends the program
        show('shown', answer.strip('\n'))
        if GOODBYES & {text.strip().lower(), answer.strip().lower()}:
            show('ended', 'goodbye')
            sys.exit(0)


class Web:
    """One thread reads whatever socket is the client's now."""

    def __init__(self, port):
        self.port = port
        self.socket = None
        self.connected = False

    def connect(self, name):
        self.socket = socket.create_connection(('127.0.0.1', self.port))
        self.connected = True
        self.socket.sendall(name.encode() + b'\n')
        threading.Thread(target=self.listen, daemon=True).start()
        show('connected')

    def listen(self):
        rest = ''
        while True:
            try:
                data = self.socket.recv(1024)
            except OSError:
                break
            if not data:
                break
            try:
                rest += data.decode()
            except UnicodeDecodeError:
                show('lost', len(data))
                continue
            while '\n' in rest:
                line, rest = rest.split('\n', 1)
                if line.strip() == '':
                    continue
                show('shown', line)
                if line.strip().lower() in GOODBYES:
                    self.connected = False
                    show('ended', 'goodbye')
        if self.connected:
            self.connected = False
            show('ended', 'closed')

    def say(self, text):
        if not self.connected:
            show('refused', text)
            return
        self.socket.sendall(text.encode() + b'\n')
        if text.strip().lower() in GOODBYES | {'salut'}:
            time.sleep(1)
            self.connected = False
            self.socket.close()

    def disconnect(self):
        self.connected = False
        self.socket.close()


def main():
    kind, port = sys.argv[1], int(sys.argv[2])
    client = {'terminal': Terminal, 'web': Web}[kind](port)
    for line in sys.stdin:
        word, *rest = json.loads(line)
        if word == 'sleep':
            time.sleep(rest[0] / 1000)
        else:
            getattr(client, word)(*rest)


main()
