/*
 * media-parts - the files of a conversation as they are shown, in the order they
 * come in: by month, and in it pictures that follow one another side by side. So
 * what is added at the end moves nothing that is there.
 */

import { kindOf } from './file-kinds.js';

const monthOf = (iso) => {
  const date = new Date(iso);
  return `${date.getFullYear()}-${date.getMonth()}`;
};

/* items: messages. -> [{month, at, runs: [{pictures, files: [message]}]}] */
export function mediaParts(items) {
  const parts = [];
  for (const message of items) {
    const month = monthOf(message.createdAt);
    if (parts.at(-1)?.month !== month) parts.push({ month, at: message.createdAt, runs: [] });
    const { runs } = parts.at(-1);
    const pictures = kindOf(message.attachment) === 'picture';
    if (runs.at(-1)?.pictures !== pictures) runs.push({ pictures, files: [] });
    runs.at(-1).files.push(message);
  }
  return parts;
}
