// Pictures of one colour, made by hand: no program that draws is needed.
import { deflateSync, crc32 } from 'node:zlib';

function crc(data) {
  if (crc32) return crc32(data);
  let value = 0xffffffff;
  for (const byte of data) {
    value ^= byte;
    for (let i = 0; i < 8; i += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}

/* One of a PNG. */
export function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), body.length + 4);
  return out;
}

function pngOf(width, height, bytes, ...more) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), ...more,
    chunk('IDAT', bytes), chunk('IEND', Buffer.alloc(0)),
  ]);
}

/* Black, if nothing is said; with more chunks before its pixels. */
export function png(width, height, { colour = [0, 0, 0], chunks = [] } = {}) {
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from(colour))]);
  return pngOf(width, height, deflateSync(Buffer.concat(Array(height).fill(row))), ...chunks);
}

/* It would take 14 GB. */
export const bomb = pngOf(60000, 60000, deflateSync(Buffer.alloc(1000)));

const segment = (marker, ...bytes) =>
  Buffer.from([0xff, marker, 0, bytes.length + 2, ...bytes]);

/* Grey, 640 by 480: of each of its 4,800 blocks it says in two bits that it is
 * as the one before. */
const jpegOf = (depth) => Buffer.concat([
  Buffer.from([0xff, 0xd8]),
  segment(0xdb, 0, ...Array(64).fill(1)),
  segment(0xc0, depth, 480 >> 8, 480 & 255, 640 >> 8, 640 & 255, 1, 1, 0x11, 0),
  segment(0xc4, 0x00, 1, ...Array(15).fill(0), 0),
  segment(0xc4, 0x10, 1, ...Array(15).fill(0), 0),
  segment(0xda, 1, 1, 0, 0, 63, 0),
  Buffer.alloc(4800 * 2 / 8),
  Buffer.from([0xff, 0xd9]),
]);

export const jpeg = jpegOf(8);
/* Of pixels that nobody draws. */
export const broken = jpegOf(77);

/* 640 by 480, lossless: each of its five codes has one word, of no bits. */
export const webp = (() => {
  let bits = '';
  const add = (value, count) => {
    for (let i = 0; i < count; i += 1) bits += (value >> i) & 1;
  };
  add(0x2f, 8);
  add(639, 14);
  add(479, 14);
  for (const none of [1, 3, 1, 1, 1]) add(0, none); // alpha, version, transforms, cache, more codes
  for (const colour of [0xc0, 0x20, 0x40, 0xff]) {
    add(1, 1);
    add(0, 1);
    add(1, 1);
    add(colour, 8);
  }
  for (const distance of [1, 0, 0, 0]) add(distance, 1);
  const bytes = bits.match(/.{1,8}/g).map((eight) => parseInt([...eight.padEnd(8, '0')].reverse().join(''), 2));
  const data = Buffer.from(bytes.length % 2 ? [...bytes, 0] : bytes);
  const head = Buffer.from('RIFF....WEBPVP8L....');
  head.writeUInt32LE(12 + data.length, 4);
  head.writeUInt32LE(bytes.length, 16);
  return Buffer.concat([head, data]);
})();
