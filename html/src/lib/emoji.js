/* emoji - where a text is an emoji: flags, keycaps, skin tones and families
 * of several joined into one. */

const PICTURE = String.raw`\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})*(?:[\u{E0020}-\u{E007F}]+)?`;
const ONE = String.raw`(?:\p{RI}\p{RI}|[0-9#*]\uFE0F?\u20E3|${PICTURE}(?:\u200D${PICTURE})*)`;

const FIRST = new RegExp(`^${ONE}`, 'u');
const FEW = new RegExp(String.raw`^(?:${ONE}\s*){1,3}$`, 'u');

/* The emoji that a text begins with, or ''. */
export const leadingEmoji = (text) => FIRST.exec(text)?.[0] ?? '';

export const isEmoji = (text) => text !== '' && leadingEmoji(text) === text;

/* One to three emoji alone are shown large. */
export const isEmojiOnly = (text) => FEW.test(text.trim());
