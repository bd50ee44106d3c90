/* chime - two soft notes, made here: no file is fetched for them. */

const NOTES = [587.33, 880]; // D5, A5
const LATER = 0.09; // seconds from one to the next
const FADE = 0.35;
const LOUD = 0.08;

let audio = null;

/* Nothing is heard where nobody has touched the page yet: browsers forbid it. */
export async function chime() {
  if (!globalThis.AudioContext) return;
  audio ??= new AudioContext();
  if (audio.state === 'suspended') await Promise.race([audio.resume(), late()]);
  if (audio.state !== 'running') return;
  NOTES.forEach((frequency, i) => strike(frequency, audio.currentTime + i * LATER));
}

const late = () => new Promise((resolve) => {
  setTimeout(resolve, 200);
});

function strike(frequency, at) {
  const tone = new OscillatorNode(audio, { type: 'sine', frequency });
  const gain = new GainNode(audio, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(LOUD, at + 0.01);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + FADE);
  tone.connect(gain).connect(audio.destination);
  tone.start(at);
  tone.stop(at + FADE);
}
