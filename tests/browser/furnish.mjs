// People who talk as people do: names and words of every length, pictures,
// files, groups. For what is to be looked at, not for what a test asserts.
import { setTimeout as sleep } from 'node:timers/promises';
import { png } from '../support/pictures.mjs';

const SERVER = '000000000000000000000001';
const NAMES = [
  'Awa Diop', 'Ben', 'Chloé Lefèvre-Dubois', 'Djibril', 'Élodie', 'François-Xavier de la Rochefoucauld-Montmorency', 'Grace O’Neill',
  'Hervé', '李小龍', 'Ines', 'Jonas Ångström', 'Kofi Mensah', 'Léa', 'Moussa', 'Nadia', 'محمد علي',
];
const WORDS = [
  'See you at six under the tree?',
  'Oui, j’arrive 🙂',
  'I have read the whole thing twice now and still think that we should ask the others before we decide: it is their garden as much as it is ours.',
  'Merci beaucoup !',
  '👍',
  'https://example.org/a/very/long/address/that/does/not/end/where/one/would/like/it?to=end&because=it-is-long',
  'ok',
  'Le marché est fermé le dimanche, mais la boulangerie au coin de la rue reste ouverte jusqu’à midi.',
];

const upload = async (who, name, body) => (await who.api(`/api/files?name=${encodeURIComponent(name)}`,
  { body, headers: { 'Content-Type': 'application/octet-stream' } })).body._id;
async function say(who, more) {
  const answer = await who.api('/api/messages', { body: more });
  if (answer.status !== 201) throw new Error(`not said: ${answer.status} ${answer.text}`);
}

/* Of each name one is just called so; the others have a number. */
async function crowd(stack, stem, count, named) {
  const people = [];
  for (let i = 0; i < count; i += 1) {
    const name = NAMES[i % NAMES.length];
    const displayName = named.has(name) ? `${name} ${named.size + i}` : name;
    named.add(name);
    people.push(await stack.register(`${stem}-${i}`, { displayName }));
  }
  return people;
}

async function talk(me, other) {
  const mine = (content) => say(me, { recipient_id: other.user._id, content });
  const theirs = (more) => say(other, { recipient_id: me.user._id, ...more });
  await theirs({ content: WORDS[0] });
  await theirs({ content: WORDS[2] });
  await mine(WORDS[1]);
  await mine(WORDS[7]);
  await theirs({ attachment: await upload(other, 'garden.png', png(900, 600, { colour: [90, 140, 110] })) });
  await theirs({ content: WORDS[5] });
  await mine('👍');
  await theirs({ content: 'The list of what is to be planted', attachment: await upload(other, 'what-is-to-be-planted-in-spring-and-when.txt', Buffer.from('beans')) });
  await mine('Perfect. I bring the beans, you bring the spades, and Élodie brings cake.');
}

async function group(me, others) {
  const { body } = await others[0].api('/api/conversations', {
    body: { title: 'Le jardin sous le grand arbre', members: [me.user._id, ...others.slice(1).map(({ user }) => user._id)] },
  });
  const { username } = me.user;
  for (const [i, content] of WORDS.entries()) await say(others[i % others.length], { conversationId: body._id, content });
  await say(me, { conversationId: body._id, content: WORDS[2] });
  await say(others[1], { conversationId: body._id, content: `hello @${username}, look`, mentions: [{ userId: me.user._id, start: 6, length: username.length + 1 }] });
  await say(others[1], { conversationId: body._id, attachment: await upload(others[1], 'tall.png', png(300, 700, { colour: [150, 110, 80] })) });
  await others[0].api(`/api/conversations/${body._id}`, { method: 'PATCH', body: { owner: me.user._id } });
  return body._id;
}

/* One who has so many conversations: {user, token, id, partner, group} */
async function somebody(stack, count, named) {
  const me = await stack.register(`camille${count}`, { displayName: 'Camille Okonkwo' });
  await me.api('/api/users/profile', { method: 'PATCH', body: { statusText: 'under the tree until noon' } });
  const others = await crowd(stack, `p${count}`, count > 1 ? count - 1 : count, named);
  for (const [i, other] of [...others].reverse().entries()) {
    await say(other, { recipient_id: me.user._id, content: WORDS[i % WORDS.length] });
  }
  const partner = others[0];
  await talk(me, partner);
  if (count > 1) {
    await say(me, { recipient_id: others[3].user._id, content: WORDS[3] });
    me.group = await group(me, others.slice(0, 5));
  }
  return Object.assign(me, { partner, others });
}

/* A guest, and an operator with something to do. */
async function desk(stack, me) {
  const operator = await stack.operator('operator');
  for (const name of ['Zoé', 'Somebody_with_a_long_name', 'Paul']) {
    const guest = await stack.guest(`guest_${name}`);
    await say(guest, { recipient_id: SERVER, content: WORDS[2] });
  }
  const { body } = await me.api(`/api/messages/conversation?conversationId=${me.group}`);
  const reported = body.items.find(({ kind, sender }) => kind === 'text' && sender !== me.user._id);
  const answer = await me.api(`/api/messages/${reported._id}/report`, { body: { reason: 'spam' } });
  if (answer.status >= 300) throw new Error(`not reported: ${answer.status} ${answer.text}`);
  return operator;
}

/* counts: of conversations; -> {people: {count: one who has so many}, nobody, operator} */
export async function furnish(stack, counts) {
  const world = { people: {} };
  world.nobody = await stack.register('nobody');
  const named = new Set();
  for (const count of counts) world.people[count] = await somebody(stack, count, named);
  world.operator = await desk(stack, world.people[12]);
  await sleep(500);
  return world;
}
