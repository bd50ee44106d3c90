/* refuse-files - a file that is dropped here would take the place of the page:
 * where nothing takes files the pointer says so. */

function refuse(event) {
  if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = 'none';
}

export function refuseFiles() {
  addEventListener('dragover', refuse);
  addEventListener('drop', refuse);
}
