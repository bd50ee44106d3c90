// The data of the MEVN chat that Palabre takes the place of, as its server
// wrote it: by Mongoose, with its schemas.
import mongoose from 'mongoose';

const { Schema, Types: { ObjectId } } = mongoose;
// bcrypt's, of stack.mjs's password
const HASH = '$2b$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu';
const START = Date.UTC(2024, 2, 1, 8);
const STATUS = ['sent', 'received', 'read'];

const userSchema = new Schema({
  email: { type: String, required: true, unique: true, lowercase: true, trim: true },
  username: { type: String, required: true, unique: true, trim: true, minlength: 3 },
  password: { type: String, required: true },
  avatar: { type: String, default: '' },
  lastSeen: { type: Date, default: Date.now },
}, { timestamps: true });
const messageSchema = new Schema({
  sender: { type: Schema.Types.ObjectId, ref: 'User', required: true },
  recipient: { type: Schema.Types.ObjectId, ref: 'User', required: true, index: true },
  content: { type: String, required: true },
  createdAt: { type: Date, default: Date.now },
  status: { type: String, enum: STATUS, default: 'sent' },
  edited: { type: Boolean, default: false },
  deleted: { type: Boolean, default: false },
});

const idOf = (seconds, n) => new ObjectId(
  Math.floor(seconds).toString(16).padStart(8, '0') + n.toString(16).padStart(16, '0'));

/* Some wrote to some, in an order that is neither that of ids nor that of
 * rows; three messages of a pair are of one millisecond. */
function* lines(people, count) {
  for (let n = 0; n < count; n += 1) {
    const from = people[(n * 7) % people.length];
    const to = people[(n * 7 + 1 + (n % 3)) % people.length];
    const late = n % 11 === 0 ? 60_000 : 0;
    const back = n % 2 === 1;
    yield {
      _id: idOf(START / 1000 + n, (n * 7919) % 1_000_003),
      sender: (back ? to : from)._id,
      recipient: (back ? from : to)._id,
      content: `line ${n}`,
      createdAt: new Date(START + Math.floor(n / (3 * people.length)) * 1000 - late),
      status: STATUS[n < count * 0.7 ? 2 : n % 3],
      edited: n % 200 === 7,
      deleted: n % 200 === 9 || n % 800 === 7,
    };
  }
}

/* {users, messages}: what is in there, as it was written; direct(db): what no
 * schema lets through. */
export async function writeMevn(uri, { people, messages, direct = () => {} }) {
  const old = await mongoose.createConnection(uri).asPromise();
  const User = old.model('User', userSchema);
  const Message = old.model('Message', messageSchema);
  const users = Array.from({ length: people }, (_, n) => ({
    _id: idOf(START / 1000 - 1000 + n, n),
    email: `Person${n}@Example.org`,
    username: `person${n}`,
    password: HASH,
    avatar: n % 2 ? '🦊' : '',
    createdAt: new Date(START - 1000_000 + n * 1000),
    lastSeen: new Date(START + n * 1000),
  }));
  await User.insertMany(users);
  const rows = [...lines(users, messages)];
  for (let n = 0; n < rows.length; n += 1000) await Message.insertMany(rows.slice(n, n + 1000));
  await direct({ users: User.collection, messages: Message.collection, ObjectId, people: users, hash: HASH });
  const all = {
    users: await User.collection.find().toArray(),
    messages: await Message.collection.find().toArray(),
  };
  await old.close();
  return all;
}

const text = (value) => value.toString();
const compare = (a, b) => Number(a > b) - Number(a < b);

/* What two of them should see of it: {low, high, messages, marks}, by their
 * ids, in order. */
export function conversationsOf(messages) {
  const all = new Map();
  for (const message of messages) {
    const pair = [text(message.sender), text(message.recipient)].sort();
    const key = pair.join(' ');
    if (!all.has(key)) all.set(key, { pair, messages: [], marks: Object.fromEntries(pair.map((id) => [id, 0])) });
    all.get(key).messages.push(message);
  }
  for (const { messages: own, marks } of all.values()) {
    own.sort((a, b) => a.createdAt - b.createdAt || compare(text(a._id), text(b._id)));
    own.forEach(({ sender, recipient, status }, n) => {
      marks[text(sender)] = n + 1;
      if (status === 'read') marks[text(recipient)] = n + 1;
    });
  }
  return [...all.values()];
}
