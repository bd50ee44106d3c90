/* refuse-files - a file that is dropped here would take the place of the page:
 * nothing takes files yet, so the pointer says so. */

function refuse(event) {
  if (!event.dataTransfer?.types.includes('Files')) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = 'none';
}

export function refuseFiles() {
  addEventListener('dragover', refuse);
  addEventListener('drop', refuse);
}
