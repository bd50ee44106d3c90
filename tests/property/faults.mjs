// Faults between the wire and the model, each of the kind that only a checker
// sees that looks at everything: no number that a client counts is missing.
import { honest } from './client.mjs';

const LIVE_CHANGES = ['message:updated', 'message:deleted'];

/* wire() is made anew for every client; hurt() says when to do it. */
function eventSkipped(hurt) {
  return {
    ...honest,
    event: (name, data) => (name === 'message:new' && hurt() ? [] : [[name, data]]),
  };
}

/* The change is counted, but the text stays what it was. */
function editLost(hurt) {
  const texts = new Map();
  const stale = (message) => {
    const known = texts.get(message._id);
    texts.set(message._id, message.content);
    return known !== undefined && known !== message.content && hurt()
      ? { ...message, content: known } : message;
  };
  return {
    event: (name, data) => [[name,
      name === 'message:new' || LIVE_CHANGES.includes(name) ? stale(data) : data]],
    answer: (body) => ({
      ...body,
      changes: body.changes.map((change) => ({ ...change, message: stale(change.message) })),
    }),
  };
}

function eventRepeated(hurt) {
  return {
    ...honest,
    event: (name, data) =>
      Array(name === 'message:new' && hurt() ? 2 : 1).fill([name, data]),
  };
}

/* One message less is read than was. */
function stalePointer(hurt) {
  return {
    event: (name, data) => [[name, name === 'message:read' && hurt()
      ? { ...data, readSeq: data.readSeq - 1 } : data]],
    answer: (body) => ({
      ...body,
      pointers: Object.fromEntries(Object.entries(body.pointers).map(([id, pointers]) =>
        [id, pointers.map((pointer) => (pointer.readSeq > 0 && hurt()
          ? { ...pointer, readSeq: pointer.readSeq - 1 } : pointer))])),
    }),
  };
}

function memberGone(hurt) {
  const without = (pointers) => (hurt() ? pointers.slice(1) : pointers);
  return {
    ...honest,
    answer: (body) => ({
      ...body,
      new: body.new.map((view) => ({ ...view, members: without(view.members) })),
      pointers: Object.fromEntries(Object.entries(body.pointers)
        .map(([id, pointers]) => [id, without(pointers)])),
    }),
  };
}

export const faults = {
  'an event skipped': eventSkipped,
  'an edit lost': editLost,
  'an event repeated': eventRepeated,
  'a stale pointer': stalePointer,
  'a member gone': memberGone,
};
