// Thousands of Socket.IO clients straight at push.sock: each is a Unix socket
// that says as little as the protocols allow, and counts the frames it gets.
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';

const FIN_TEXT = 0x81;
const UPGRADE = Buffer.from([
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1', 'Host: herd',
  'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n'));

/* How many descriptors this process and its children may have. */
export function openFiles() {
  return Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' })
    .replace('unlimited', '1048576'));
}

/* A client's text frame; a mask of zero changes nothing (RFC 6455, 5.3). */
function masked(text) {
  const head = Buffer.from([FIN_TEXT, 0x80 | text.length, 0, 0, 0, 0]);
  return Buffer.concat([head, Buffer.from(text)]);
}

/* Counts frames in a stream that is cut anywhere. */
class Frames {
  constructor(take) {
    this.take = take;
    this.held = Buffer.alloc(0);
  }

  feed(chunk) {
    let bytes = this.held.length > 0 ? Buffer.concat([this.held, chunk]) : chunk;
    while (bytes.length >= 2) {
      const short = bytes[1] & 0x7f;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length < start) break;
      const size = short < 126 ? short
        : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      if (bytes.length < start + size) break;
      this.take(bytes.subarray(start, start + size));
      bytes = bytes.subarray(start + size);
    }
    this.held = bytes;
  }
}

export class Herd {
  constructor(path) {
    this.path = path;
    this.frames = 0; // got by all of them, ever
    this.sockets = new Map(); // token -> socket
  }

  /* Resolves once the client is in: it has been told who is online. */
  join(token) {
    return new Promise((resolve, reject) => {
      const socket = connect(this.path);
      let upgraded = false;
      const frames = new Frames((text) => {
        this.frames += 1;
        if (text[0] === 0x30) socket.write(masked(`40{"token":"${token}"}`));
        if (text.indexOf('42["presence"') === 0) resolve();
        if (text.indexOf('44') === 0) reject(new Error(String(text)));
      });
      this.sockets.set(token, socket);
      socket.on('error', reject);
      socket.on('close', () => reject(new Error(`${token}: closed before it was in`)));
      socket.on('connect', () => socket.write(UPGRADE));
      socket.on('data', (chunk) => {
        const end = upgraded ? 0 : chunk.indexOf('\r\n\r\n') + 4;
        upgraded = true;
        if (chunk.length > end) frames.feed(chunk.subarray(end));
      });
    });
  }

  /* At once, but for what the backlog of a listening socket takes. */
  async joinAll(tokens, together = 500) {
    const left = [...tokens];
    await Promise.all(Array.from({ length: together }, async () => {
      while (left.length > 0) await this.join(left.pop());
    }));
  }

  /* As a network that breaks does it: nobody says good-bye. */
  drop(tokens) {
    for (const token of tokens) {
      this.sockets.get(token).destroy();
      this.sockets.delete(token);
    }
  }
}
