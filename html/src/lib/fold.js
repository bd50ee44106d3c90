/*
 * fold - names as people look for them: without accents, case, apostrophes and
 * doubled blanks, by the server's rule; and the words of a search in any order.
 */

/* Letters that are one sign, where others write a plain one. */
const PLAIN = {
  ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ı: 'i', ł: 'l', ŧ: 't', þ: 'th', ς: 'σ',
};
const SIGNS = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'gu');
const APOSTROPHES = /['`´\u02b9\u02bb\u02bc\u02bd\u2018\u2019\u201b\u2032\uff07]/gu;

export const foldName = (text) =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\p{M}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(SIGNS, (sign) => PLAIN[sign])
    .replace(APOSTROPHES, '')
    .replace(/\s+/gu, ' ')
    .trim();

/* Whether all words of the query are in one of these names. */
export function matcher(query) {
  const words = foldName(query).split(' ').filter(Boolean);
  return (...names) => {
    const name = names.map(foldName).join('\n');
    return words.length > 0 && words.every((word) => name.includes(word));
  };
}
