/* copy - a text to the clipboard; where the browser has none to give (http),
 * from a field that shows it. -> whether it is there. */

export async function copyText(text, field) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    field.select();
    return document.execCommand('copy');
  }
}
