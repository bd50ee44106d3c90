/*
 * Runs the benches and compares their ratios with expected.json, each figure
 * within its own tolerance. See README.md.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { here, show, table } from './children.mjs';

const { values } = parseArgs({
	options: { quick: { type: 'boolean' }, only: { type: 'string', default: '' }, help: { type: 'boolean' } },
});
if (values.help) {
	console.log(`usage: bench/all [--quick] [--only WORD]
    --quick: shorter runs, under four minutes in all
    WORD: only the benches whose name has it`);
	process.exit(0);
}
const quick = values.quick ?? false;

/* What each is told, and the figures of its line of JSON that are compared. */
const benches = {
	instructions: {
		full: [], quick: [],
		figures: ({ counts, expected }) => Object.fromEntries(
			Object.keys(counts).filter((name) => name in expected).map((name) => [name, counts[name] / expected[name]])),
	},
	pairs: {
		full: ['--rounds', '5'], quick: ['--rounds', '3', '--seconds', '1.5'],
		figures: ({ share, cpuShare, p99Share }) => ({ share, cpuShare, p99Share }),
	},
	rest: {
		full: ['--rounds', '7'], quick: ['--rounds', '3', '--seconds', '0.6'],
		figures: (rows) => Object.fromEntries(
			Object.entries(rows).filter(([, { cpuShare }]) => cpuShare).map(([name, { share }]) => [name, share])),
	},
	login: {
		full: [], quick: ['--rounds', '3', '--seconds', '1'],
		figures: ({ share }) => ({ share }),
	},
	sockets: {
		full: [], quick: ['--quick'],
		figures: ({ share }) => ({ 'fan-out share': share }),
	},
	idle: {
		full: [], quick: ['--sockets', '2000', '--seconds', '0'],
		figures: ({ fresh, pushdSocket, nginxSocket }) => ({
			'fresh MB': fresh / 1e6, 'pushd bytes a socket': pushdSocket, 'nginx bytes a socket': nginxSocket,
		}),
	},
	growth: {
		full: ['--messages', '10000,1000000'], quick: ['--messages', '10000,200000', '--seconds', '0.5'],
		figures: ({ worst }) => ({ 'worst median': worst }),
	},
	storm: {
		full: [], quick: ['--sockets', '2000', '--seconds', '4'],
		figures: ({ seconds }) => ({ seconds }),
	},
	attack: {
		full: [], quick: ['--seconds', '1.5'],
		figures: ({ rest, worst }) => ({ 'worst p99, x rest': worst / rest }),
	},
};

async function figuresOf(name) {
	const { figures, ...words } = benches[name];
	const running = promisify(execFile)(join(here, name), ['--json', ...words[quick ? 'quick' : 'full']]);
	running.child.stderr.pipe(process.stderr);
	// The count of instructions has a status of its own when one is off.
	const { stdout } = await running.catch((error) => {
		if (!error.stdout)
			throw error;
		return error;
	});
	return figures(JSON.parse(stdout));
}

/* Worse than expected by more than the tolerance; what is better is fine. What
 * is not in the file is shown and judged by nobody. */
function judge(value, row) {
	if (row === undefined)
		return '';
	if (value === undefined || value === null || Number.isNaN(value))
		return 'not measured';
	const ratio = value / row.expected;
	const worse = row.better === 'more' ? 1 / ratio : ratio;
	return worse > 1 + row.tolerance ? 'WORSE' : 'fine';
}

const expected = JSON.parse(readFileSync(join(here, 'expected.json'), 'utf8'));
const line = table(44, 14);
const began = performance.now();
let bad = 0;
line('', ['measured', 'expected', '']);
for (const name of Object.keys(benches).filter((bench) => bench.includes(values.only))) {
	for (const [figure, value] of Object.entries(await figuresOf(name))) {
		const row = expected[name]?.[figure];
		const verdict = judge(value, row);
		if (verdict === 'WORSE')
			bad++;
		line(`${name}: ${figure}`, [show(value ?? undefined), show(row?.expected), verdict]);
	}
}
console.log(`${Math.round((performance.now() - began) / 1000)} s; ${bad === 0 ? 'nothing is worse' : `${bad} worse`}`);
process.exit(bad === 0 ? 0 : 1);
