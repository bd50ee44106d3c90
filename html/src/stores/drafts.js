/* drafts - what was typed and not sent, per conversation, while the page lives. */

export const drafts = new Map();
