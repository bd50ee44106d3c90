/*
 * agents - a browser's User-Agent header in words for the list of devices:
 * {browser, system, mobile}; '' where it says nothing we know. The first
 * match counts: most browsers name others, too.
 */

const BROWSERS = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\b(?:OPR|OPT)\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /(?:Chrome|CriOS)\//],
  ['Safari', /\bSafari\//],
];

const SYSTEMS = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\bMac(?:intosh| OS X)\b/],
  ['Linux', /\bLinux\b/],
];

const nameIn = (table, agent) =>
  table.find(([, pattern]) => pattern.test(agent))?.[0] ?? '';

export const describeAgent = (agent) => ({
  browser: nameIn(BROWSERS, agent),
  system: nameIn(SYSTEMS, agent),
  mobile: /\b(?:iPhone|iPad|Android|Mobile)\b/.test(agent),
});
