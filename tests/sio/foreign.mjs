/* Clients of other languages: programs of their own, told what to play. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder, pythonEnvironment } from '../support/python.mjs';
import { within } from './wire.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const LIMIT = 60_000;
const MAVEN_LIMIT = 300_000;

/*
 * Start a program. said(line) waits for a line, finished() for exit status 0;
 * end() kills what still runs.
 */
function start(name, command, args) {
	const child = spawn(command, args, {
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
	});
	let errors = '';
	child.stderr.on('data', (part) => (errors += part));
	const lines = createInterface({ input: child.stdout });
	const exit = once(child, 'exit');
	const end = () => child.kill('SIGKILL');
	const failed = () => new Error(`${name} ended with ${child.exitCode ?? child.signalCode}: ${errors}`);

	return {
		end,
		async said(line) {
			const ended = exit.then(() => {
				throw failed();
			});
			ended.catch(() => {});
			const [said] = await within(LIMIT, line, Promise.race([once(lines, 'line'), ended]));
			if (said !== line)
				throw new Error(`${name} said "${said}" instead of "${line}"`);
		},
		async finished() {
			try {
				await within(LIMIT, `end of ${name}`, exit);
			} finally {
				end();
			}
			if (child.exitCode !== 0)
				throw failed();
		},
	};
}

let python;

/* python-socketio: another idea of the protocol. */
export async function pythonClient(flavour, mode, url, play) {
	python ??= pythonEnvironment('python-socketio', join(here, 'requirements.txt'));
	return start(`python-socketio ${flavour}`, join(await python, 'python'), [
		join(here, 'python_client.py'),
		flavour,
		mode,
		url,
		play,
	]);
}

/* The classes of a pom.xml and a program that uses them, compiled; kept between
 * runs, and named by both. The marker comes last: half of it is nothing. */
async function javaClasses() {
	const pom = join(here, 'java/pom.xml');
	const program = join(here, 'java/JavaClient.java');
	const digest = createHash('sha256').update(readFileSync(pom)).update(readFileSync(program)).digest('hex');
	const folder = join(cacheFolder(), `socket.io-client-java-${digest.slice(0, 12)}`);
	const marker = join(folder, 'complete');
	const path = `${folder}/lib/*:${folder}`;
	if (existsSync(marker))
		return path;
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const run = (...words) => promisify(execFile)(words[0], words.slice(1), { timeout: MAVEN_LIMIT });
	await run('mvn', '-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}/lib`);
	await run('javac', '-cp', `${folder}/lib/*`, '-d', folder, program);
	writeFileSync(marker, '');
	return path;
}

let java;

/* The official client for Java and Android. */
export async function javaClient(mode, url, play) {
	java ??= javaClasses();
	return start('socket.io-client-java', 'java', ['-Xmx256m', '-cp', await java, 'JavaClient', mode, url, play]);
}
