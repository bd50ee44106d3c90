/* copy - a text to the clipboard; where the browser has none to give (http), by
 * way of a field that shows it. -> whether it is there. */

export async function copyText(text, field = null) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const from = field ?? offstage(text);
    from.select();
    const done = document.execCommand('copy');
    if (!field) from.remove();
    return done;
  }
}

function offstage(text) {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  document.body.append(area);
  return area;
}
