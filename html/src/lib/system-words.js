/*
 * system-words - what happened to a group, or was reported, as a sentence: who
 * did what to whom, and `you` where it is oneself.
 */

/*
 * me: one's id; nameOf(id): what they are called now, or ''; t: the words;
 * list(names): an enumeration. Content is the server's own sentence, for what
 * this page does not know.
 */
export function systemWords(message, { me, nameOf, t, list }) {
  const { event, title = '', reason = '', users = [], count = 0 } = message.system ?? {};
  const named = (id, name) => nameOf(id) || name;
  const others = users.filter(({ _id }) => _id !== me).map(({ _id, name }) => named(_id, name));
  if (count > users.length) others.push(t('system.others', { n: count - users.length }));
  const about = {
    name: named(message.sender, message.senderName),
    title,
    reason,
    users: list(others),
  };
  const mine = message.sender === me;
  const toMe = users.some(({ _id }) => _id === me);
  const key = KEYS[event]?.({ mine, toMe, others, reason });
  return key ? t(`system.${key}`, about) : message.content;
}

const byWhom = (event) => ({ mine }) => (mine ? `${event}ByYou` : event);

const KEYS = {
  made: byWhom('made'),
  title: byWhom('title'),
  picture: byWhom('picture'),
  joined: byWhom('joined'),
  removed: byWhom('removed'),
  added: ({ mine, toMe, others }) => {
    if (!toMe) return byWhom('added')({ mine });
    return others.length ? 'addedYouAnd' : 'addedYou';
  },
  owner: ({ mine, toMe }) => (toMe ? 'ownerYou' : byWhom('owner')({ mine })),
  left: ({ toMe, others }) => {
    if (toMe) return 'leftToYou';
    return others.length ? 'leftTo' : 'left';
  },
  reported: ({ mine, reason }) => byWhom(reason ? 'reportedFor' : 'reported')({ mine }),
};
