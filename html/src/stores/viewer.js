/* viewer - the pictures one looks through, large: those of the open
 * conversation that are loaded, and which of them. */

import { reactive } from 'vue';
import { whenOver } from './session.js';

export const viewer = reactive({ pictures: [], at: -1 });

export function look(pictures, id) {
  viewer.pictures = pictures;
  viewer.at = pictures.findIndex(({ _id }) => _id === id);
}

export const lookAway = () => look([], '');
whenOver(lookAway);
