/* copy - a text to the clipboard; where the browser has none to give (http), by
 * way of a field that shows it. -> whether it is there. */

export async function copyText(text, field = null) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return field ? copyFrom(field) : copyOffstage(text);
  }
}

function copyFrom(field) {
  field.select();
  return document.execCommand('copy');
}

/* One stays where one is. */
function copyOffstage(text) {
  const at = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  document.body.append(area);
  const done = copyFrom(area);
  at.focus({ preventScroll: true });
  area.remove();
  return done;
}
