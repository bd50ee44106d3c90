// What a session leaves behind in its page when it is over, whoever comes next.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';

const { adopt, endSession, session } = await import('../src/stores/session.js');

const come = (id) => adopt({ token: `token of ${id}`, user: { _id: id, username: id } });
const go = () => endSession(session.token);

test('nothing that stood over the page of one person stands over that of the next', async () => {
  const { forwarding } = await import('../src/stores/forwarding.js');
  const { look, viewer } = await import('../src/stores/viewer.js');
  const { selecting, isSelected, startSelecting } = await import('../src/stores/selecting.js');
  const { say, toast } = await import('../src/stores/toast.js');
  const { broadcast, noteBroadcast } = await import('../src/stores/broadcast.js');
  const { goal, leadTo } = await import('../src/stores/finds.js');
  const { joining } = await import('../src/stores/joining.js');
  const { account, devices, shortcuts } = await import('../src/stores/account.js');
  come('ann');
  const message = { _id: '1', conversationId: 'c', seq: 1, content: 'mine' };
  forwarding.messages = [message];
  look([message], '1');
  startSelecting(message);
  say('done');
  noteBroadcast({ message: 'to all' });
  leadTo(message);
  joining.wanted = 'code';
  account.tab = 'profile';
  shortcuts.open = true;
  devices.items = [{ _id: 'd' }];
  adopt({ token: 'newer', user: { _id: 'ann', username: 'ann' } });
  assert.equal(forwarding.messages.length, 1, 'a newer token is no other person');
  go();
  come('eve');
  assert.deepEqual(forwarding.messages, []);
  assert.deepEqual({ ...viewer }, { pictures: [], at: -1 });
  assert.deepEqual([selecting.value, isSelected(message)], [false, false]);
  assert.deepEqual([toast.text, broadcast.value, goal.value, joining.wanted], ['', null, null, '']);
  assert.deepEqual([account.tab, shortcuts.open, devices.items], ['', false, []]);
});
