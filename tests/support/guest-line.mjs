// A guest who comes by an old client, again and again, and what they have to be
// told: words that begin with where they were said.
import assert from 'node:assert/strict';
import { BANNER, lineConnection } from './lines.mjs';
import { settles } from './settles.mjs';
import { waitFor } from './stack.mjs';

const LOBBY = '000000000000000000000002';
const TO_THEM = 's';
const IN_LOBBY = 'l';
const TO_ALL = 'b';

const wordsOf = (items, id) => items.filter(({ sender, deleted }) => sender !== id && !deleted).map(({ content }) => content);

export class GuestLine {
  /* boss: an operator, whose page knows who is here. */
  constructor(name, port, boss) {
    Object.assign(this, { name, port, boss, client: null, inLobby: true });
    this.told = new Set(); // words that they were shown at any time
    this.wanted = [];
  }

  /* Something is said that they are to be shown. */
  hear(word) {
    if (this.client && (this.inLobby || word[0] !== IN_LOBBY)) this.wanted.push(word);
  }

  async come() {
    this.wanted = this.id ? await this.missed() : [];
    this.inLobby = true;
    this.client = await lineConnection(this.port, `${this.name}\n`);
    await this.client.says(BANNER[0]);
    const { live } = this.boss;
    await waitFor('a line to be here', async () => {
      await live.listHere();
      this.id ??= live.present.find(({ username }) => username === this.name)?.id;
      return this.id && live.clients.has(this.id);
    });
  }

  /* What came for them since they have received. */
  async missed() {
    const { body } = await this.boss.api(`/api/operator/clients/${this.id}/messages?limit=100`);
    if (!body.items.length) return [];
    const { members } = (await this.boss.api(`/api/conversations/${body.conversationId}`)).body;
    const { receivedSeq } = members.find(({ userId }) => userId === this.id);
    return wordsOf(body.items.filter(({ seq }) => seq > receivedSeq), this.id);
  }

  /* Out of the lobby, or in again, where its last messages are shown. */
  async turn() {
    await this.hears();
    this.client.text = '';
    this.client.send('/lobby\n');
    await this.client.says(this.inLobby ? /You are not in the lobby/ : /You are in the lobby/);
    this.inLobby = !this.inLobby;
    if (!this.inLobby) return;
    const { body } = await this.boss.api(`/api/messages/conversation?conversationId=${LOBBY}&limit=10`);
    this.wanted = wordsOf(body.items, this.id);
  }

  /* Each once, and in order what is said to them alone; before it what was on its
   * way when they went may be there again. */
  assertTold() {
    const told = this.client.lines.map((line) => line.match(/^(?!\* )(?:[^:]+: )?([a-z]\d+)$/)?.[1]).filter(Boolean);
    for (const place of [TO_THEM, IN_LOBBY, TO_ALL]) {
      const [words, wanted] = [told, this.wanted].map((list) => list.filter((word) => word[0] === place));
      const again = words.splice(0, words.length - wanted.length);
      if (place === IN_LOBBY) [words, wanted].forEach((list) => list.sort());
      assert.deepEqual(words, wanted, `${this.name}: ${this.client.text}`);
      assert.ok(again.every((word) => this.told.has(word)), `${this.name} again: ${again}`);
    }
  }

  /* All that they are to be told by now. */
  async hears() {
    await settles(() => this.assertTold());
    this.wanted.forEach((word) => this.told.add(word));
    this.wanted = [];
  }

  async go() {
    await this.hears();
    this.client.end();
    this.client = null;
  }
}
