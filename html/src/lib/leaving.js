/* leaving - asks, in the browser's own words, before a page goes that holds
 * what nothing else does. */

const reasons = new Set();

addEventListener('beforeunload', (event) => {
  if ([...reasons].some((holds) => holds())) event.preventDefault();
});

/* holds(): is there something now. -> a function that takes it back. */
export function askBeforeLeaving(holds) {
  reasons.add(holds);
  return () => reasons.delete(holds);
}
