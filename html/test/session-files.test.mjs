// What comes from a microphone, or any file, is of whoever was in then.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';

const { adopt, api, endSession, session } = await import('../src/stores/session.js');
const { resetChat } = await import('../src/stores/chat.js');
const { addUpload, dropUpload, dropUploads, uploads } = await import('../src/stores/uploads.js');
const { changeDraft, draftOf } = await import('../src/stores/drafts.js');

const come = (id) => adopt({ token: `token of ${id}`, user: { _id: id, username: id } });
const file = () => new File(['words'], 'voice.weba', { type: 'audio/webm' });

test('a file that comes when nobody is in goes nowhere, and is in nobody’s draft', () => {
  const { id } = addUpload(file());
  assert.equal(uploads[id].state, 'failed');
  resetChat(null);
  changeDraft({ userId: 'bob' }, { text: 'x' });
  assert.equal(draftOf({ userId: 'bob' }).text, '');
  assert.equal(localStorage.length, 0);
  dropUploads();
});

test('a file of one person is not uploaded in the name of the next', async () => {
  const asked = [];
  api.upload = (given) => {
    asked.push([given.name, session.user._id]);
    return { answer: new Promise(() => {}), cancel: () => {} };
  };
  come('ann');
  const busy = [addUpload(file()), addUpload(file())];
  const { id } = addUpload(file());
  assert.equal(uploads[id].state, 'waiting');
  assert.equal(asked.length, busy.length);
  endSession(session.token);
  come('eve');
  addUpload(new File(['x'], 'hers'));
  for (const one of busy) dropUpload(one.id);
  assert.equal(uploads[id], undefined);
  assert.deepEqual(asked.slice(2), [['hers', 'eve']]);
});

