// What happens to the parts of the product while people go on.
const EVERY_MS = 2000;
const SEQUENCES = 10; // between two, so that a slow machine is not hurt more

/* name: [how often, part, signal, whether it cuts the lines of sockets] */
const HURTS = {
  killWorker: [3, 'a worker', 'SIGKILL', false],
  killApi: [1, 'palabre-api', 'SIGKILL', false],
  reloadApi: [1, 'palabre-api', 'SIGHUP', false],
  killPushd: [2, 'palabre-pushd', 'SIGKILL', true],
  reloadNginx: [1, 'nginx', 'SIGHUP', true],
};
const NAMES = Object.entries(HURTS).flatMap(([name, [often]]) => Array(often).fill(name));

function hurt(stack, random, counts) {
  const name = NAMES[random(NAMES.length)];
  const [, part, signal, cuts] = HURTS[name];
  const workers = stack.workers('palabre-api');
  const pid = part === 'a worker' ? workers[random(workers.length)] : stack.pid(part);
  if (cuts) stack.cutAt = Date.now();
  try {
    process.kill(pid, signal);
    counts[name] = (counts[name] ?? 0) + 1;
  } catch {
    // it is down already
  }
}

/* Until the function that is returned is called. */
export function startHurting(stack, random, counts) {
  let next = 0;
  const timer = setInterval(() => {
    if (counts.run < next) return;
    next = counts.run + SEQUENCES;
    hurt(stack, random, counts);
  }, EVERY_MS);
  return () => clearInterval(timer);
}
