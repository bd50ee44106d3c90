// Databases of a test's own, on the MongoDB that ./check has for all of them.
import { randomBytes } from 'node:crypto';

/* Of that name, to this process: the same URI each time. */
const random = randomBytes(6).toString('hex');
export function databaseUri(name) {
  const server = process.env.PALABRE_TEST_MONGODB_URI;
  if (!server) throw new Error('PALABRE_TEST_MONGODB_URI names no server to test with');
  const [, hosts, options] = server.match(/^([^/]+:\/\/[^/?]+)\/?[^?]*(.*)$/);
  return `${hosts}/palabre_${random}_${name}${options}`;
}
