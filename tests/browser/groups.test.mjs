// A group at the page: it appears while one looks, is written in, and goes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openScene } from './scene.mjs';

const scene = openScene();

/* What the page has no form for yet, asked in the name of whoever sits there. */
function ask(person, path, method, body) {
  return person.page.evaluate(async ([to, verb, content]) => {
    const { token } = JSON.parse(localStorage.getItem('palabre.user'));
    const answer = await fetch(to, {
      method: verb,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: content && JSON.stringify(content),
    });
    return { status: answer.status, body: await answer.json() };
  }, [path, method, body]);
}

test('a group appears live with what happened in it, is written in, and goes', async () => {
  const [ann, ben] = await scene.pair();
  const { body: me } = await ask(ben, '/api/users/me', 'GET');
  const made = await ask(ann, '/api/conversations', 'POST', { title: 'Garden', members: [me._id] });
  assert.equal(made.status, 201);
  await ben.open('Garden');
  await ben.reads(`${ann.name} made the group "Garden"`);
  await ben.say('Hello all');
  await ann.open('Garden');
  await ann.reads('Hello all');
  await ann.get('message').filter({ hasText: 'Hello all' }).getByText(ben.name).waitFor();

  const changed = await ask(ann, `/api/conversations/${made.body._id}`, 'PATCH', { title: 'Orchard' });
  assert.equal(changed.status, 200);
  await ben.sees('conversation-Orchard');
  await ask(ann, `/api/conversations/${made.body._id}/members/${me._id}`, 'DELETE');
  await ben.noLongerSees('conversation-Orchard');
});
