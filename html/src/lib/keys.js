/* keys - what a key press is, beyond its name. */

/* Enter takes a word that is being composed; Safari says so by 229 alone. */
export const composes = (event) => event.isComposing || event.keyCode === 229;

/* On a touch keyboard Enter is part of writing: there a button sends. */
export const coarse = () => matchMedia('(pointer: coarse)').matches;
